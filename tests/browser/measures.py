"""What a page measures: targets, letters, lines, and whether it fits, run inside the page; and what axe finds."""

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

# Letters of the very colour that they stand on are no fault to axe but a question.
AXE = """async ([runOnly, enhanced]) => {
    const rules = enhanced ? {"color-contrast-enhanced": {enabled: true}} : {}
    const found = await axe.run(document, {runOnly, rules, resultTypes: ["violations", "incomplete"]})
    const isUnseen = node => node.any.some(check => check.data && check.data.messageKey === "equalRatio")
    const unseen = found.incomplete.map(rule => ({...rule, nodes: rule.nodes.filter(isUnseen)}))
    return [...found.violations, ...unseen].flatMap(rule =>
        rule.nodes.map(node => `${rule.id}: ${node.target} ${node.any[0]?.message || ""}`))
}"""


def axe(page: Page, kind: str, values: list[str], *, enhanced: bool = False) -> list[str]:
    """What breaks axe's rules ("rule") or those of its tags ("tag"). The page's policy does not bind the debugger."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(AXE, [{"type": kind, "values": values}, enhanced])
    return found


# A target is what answers a finger: a field together with its label. Links within a sentence and what is not shown are
# exempt, as in WCAG 2.5.8; half a pixel may be lost in rounding.
TOO_SMALL = """least => {
    const isShown = part => part.getClientRects().length && !part.closest(".hidden-words, .skip")
    const isWithin = link => {
        const around = [...link.parentElement.childNodes].filter(node => node !== link)
        const isInText = around.some(node => node.nodeType === 3 && node.data.trim())
        return isInText && link.localName === "a" && getComputedStyle(link).display === "inline"
    }
    const box = target => {
        const parts = [target, ...(target.labels || [])].map(part => part.getBoundingClientRect())
        const ofLabel = /radio|checkbox/.test(target.type) ? parts : parts.slice(0, 1)
        return [Math.max(...ofLabel.map(part => part.right)) - Math.min(...ofLabel.map(part => part.left)),
                Math.max(...ofLabel.map(part => part.bottom)) - Math.min(...ofLabel.map(part => part.top))]
    }
    return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
        .filter(target => isShown(target) && target.type !== "hidden" && !isWithin(target))
        .map(target => [target.textContent.trim() || target.name, ...box(target)])
        .filter(([, width, height]) => Math.min(width, height) < least - 0.5)
        .map(([words, width, height]) => `${words}: ${width} by ${height}`)
}"""

# Every text's letters and lines, and the choices in a field.
TOO_FINE = """([letters, lines]) => {
    const found = new Set()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const holders = [...document.querySelectorAll("input:not([type=radio]):not([type=checkbox]), select, textarea")]
    while (walker.nextNode()) if (walker.currentNode.data.trim()) holders.push(walker.currentNode.parentElement)
    for (const part of holders) {
        if (!part.getClientRects().length || part.matches("option, .hidden-words *, .hidden-words")) continue
        const style = getComputedStyle(part)
        const size = parseFloat(style.fontSize), line = parseFloat(style.lineHeight)
        const name = `${part.localName}.${part.className}: ${size}px`
        if (size < letters - 0.01) found.add(name)
        const isFree = part.localName !== "select" // a browser sets the one line of a select itself
        if (isFree && !(line / size >= lines - 0.001)) found.add(`${name} in lines of ${line}`)
    }
    return [...found]
}"""

TOO_WIDE = """() => {
    const limit = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= limit) return []
    const reaching = [...document.querySelectorAll("body *")].filter(part => part.getBoundingClientRect().right > limit)
    return reaching.map(part => `reaches out: ${part.localName}.${part.className}`)
}"""

# Text of which a part is cut off by what hides its overflow.
CUT_OFF = """() => {
    const found = new Set()
    for (const box of document.querySelectorAll("body *")) {
        if (getComputedStyle(box).overflowX !== "hidden" || box.closest(".hidden-words")) continue
        const edge = box.getBoundingClientRect()
        const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT)
        while (walker.nextNode()) {
            const range = document.createRange()
            range.selectNodeContents(walker.currentNode)
            for (const line of range.getClientRects())
                if (line.left < edge.left - 1 || line.right > edge.right + 1)
                    found.add(`cut off: ${box.className}: ${box.innerText}`)
        }
    }
    return [...found]
}"""

# A short page fills the window, so that no foot floats in its middle. Staff's stock pages have none.
FLOATING_FOOT = """() => {
    const foot = document.querySelector(".site-foot")
    if (!foot) return []
    const gap = innerHeight - (foot.getBoundingClientRect().bottom + scrollY)
    return gap > 1 ? [`the foot ends ${gap} above the window's end`] : []
}"""

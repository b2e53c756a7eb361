// Improves the residents' form; without it everything works. For Chromium 78.
(function start() {
  "use strict";
  // In a task of its own: the browser shall not wait with painting the page.
  if (document.readyState !== "complete") return window.addEventListener("load", function () { setTimeout(start); });
  var form = document.getElementById("idea-form");
  var words = JSON.parse(document.getElementById("form-words").text);
  var place = "idea-form:" + form.dataset.place;
  var TEXTS = ["title", "topic", "problem", "proposal", "area", "place"];
  // Who somebody is stays in this tab only.
  var PERSON = ["name", "phone", "email", "naming", "net_name"];
  var ABOUT = ["page", "seen"]; // the page of the form, and what it showed
  var DAY = 24 * 3600 * 1000;
  var WEEK = 7 * DAY;
  var MOST = 4; // forms kept here; two tabs are two forms
  var key = form.elements.form_key;
  var input = form.elements.photos;
  var strip = document.getElementById("photos-kept");
  var sent = form.dataset.sent.split(" "); // the first digits of the keys
  var atServer = form.dataset.unfinished.split(" "); // offered above the form

  function say(text, kind, before) {
    var box = document.getElementById("form-says");
    if (!box) {
      box = document.createElement("div");
      box.id = "form-says";
      box.setAttribute("role", "status");
    }
    before = before || form;
    before.parentNode.insertBefore(box, before);
    box.className = "notice " + kind;
    box.textContent = text;
    return box;
  }

  function offer(box, text, act) {
    var button = box.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "plain-button";
    button.textContent = text;
    button.addEventListener("click", act);
  }

  // --- What is typed is kept in the browser, each form under its key
  function storage(name) { try { return window[name]; } catch (error) { return null; } }
  var local = storage("localStorage");
  var tab = storage("sessionStorage");
  function read(store) {
    try { return JSON.parse(store.getItem(place)) || {}; } catch (error) { return {}; }
  }
  function write(store, found) {
    try { store.setItem(place, JSON.stringify(found)); } catch (error) { /* the server keeps it */ }
  }
  function values(names) {
    var found = {};
    names.forEach(function (name) {
      var field = form.elements[name];
      if (field && field.value) found[name] = field.value;
    });
    return found;
  }
  // A copy of what was posted lives as long as its receipt.
  function forms() {
    var all = read(local);
    Object.keys(all).forEach(function (name) {
      var life = all[name].posted ? DAY : WEEK;
      if (isSent(name) || !(Date.now() - all[name].at < life)) delete all[name];
    });
    return all;
  }
  function isSent(name) { return sent.indexOf(String(name).slice(0, 8)) >= 0; }
  function newestFirst(all) {
    return Object.keys(all).sort(function (one, other) { return all[other].at - all[one].at; });
  }
  // `on` names what the server had: it tells which is newer.
  function keep(isPosted) {
    var all = forms();
    all[key.value] = {
      at: Date.now(), on: form.dataset.kept || "", posted: isPosted, photos: Boolean(strip.querySelector("img")), values: values(TEXTS),
      about: values(ABOUT)
    };
    newestFirst(all).slice(MOST).forEach(function (name) { delete all[name]; });
    write(local, all);
    write(tab, { key: key.value, values: values(PERSON) });
  }
  function drop(name) {
    var all = forms();
    delete all[name];
    write(local, all);
    write(tab, {});
  }
  // Cleared from this device: going back would fill it in again, in a newer form too.
  function leave(isBack) {
    var told = /forgotten=([^;]*)/.exec(document.cookie);
    if (told) sent = sent.concat(told[1].split("."));
    var isLeft = told && isBack && local && !forms()[key.value];
    if (isLeft) location.replace(location.href);
    return isLeft;
  }
  function fill(name, found) {
    var person = read(tab);
    if (!found.photos && !Object.keys(found.values).length) return;
    var isThere = JSON.stringify(values(TEXTS)) === JSON.stringify(found.values); // the browser itself had it
    TEXTS.forEach(function (field) { form.elements[field].value = found.values[field] || ""; });
    if (person.key === name) Object.keys(person.values).forEach(function (field) {
      form.elements[field].value = person.values[field];
    });
    form.dataset.kept = found.on;
    key.value = name;
    ABOUT.forEach(function (field) { form.elements[field].value = found.about && found.about[field] || ""; });
    if (found.photos && !strip.querySelector("img")) showPhotos(name);
    if (isThere) return;
    offer(say(words.found + " ", "good"), words.empty, function () {
      drop(name);
      location.replace(location.pathname);
    });
  }
  function restore() {
    if (form.contains(document.activeElement)) return keep(); // whoever types already has the newest words
    var all = forms();
    var own = read(tab).key;
    write(local, all);
    if (isSent(own)) write(tab, {});
    if (visit === "reload" && all[key.value]) return fill(key.value, all[key.value]);
    if (document.querySelector(".error-summary")) return;
    if ("kept" in form.dataset) {
      if (all[key.value] && all[key.value].on === form.dataset.kept) fill(key.value, all[key.value]);
    } else if (all[own]) {
      fill(own, all[own]);
    } else if (Object.keys(all).length) {
      others(function (open) {
        var free = newestFirst(all).find(function (name) {
          return !open[name] && atServer.indexOf(name) < 0;
        });
        if (free && !form.elements.title.value) fill(free, all[free]);
      });
    }
  }
  // Tabs tell which forms are open: none is taken over.
  var open = {};
  function tell(what, text) {
    try { local.setItem(place + what, text + Math.random()); } catch (error) { /* nobody answers */ }
  }
  function others(answer) {
    tell("?", "");
    setTimeout(function () { answer(open); }, 150);
  }
  window.addEventListener("storage", function (event) {
    if (event.key === place + "?") tell("!", key.value);
    if (event.key === place + "!") open[String(event.newValue).slice(0, key.value.length)] = true;
  });

  function count(field, most) {
    var line;
    function show() {
      var length = Array.from(field.value.trim()).length;
      if (!line) {
        line = field.parentNode.appendChild(document.createElement("p"));
        line.className = "hint count";
      }
      line.textContent = (length > most ? words.long : words.count).replace("{n}", length).replace("{most}", most);
      line.classList.toggle("over", length > most);
    }
    field.addEventListener("input", show);
    if (field.value) show();
  }

  // --- Photos go up one by one, apart from the text
  var waiting = [];
  var isUploading = false;
  var STALL = 20000; // a line that carries nothing for so long
  var pressed, held, stall;
  function send(box, names, listen, more) {
    var data = new FormData();
    names.concat("csrfmiddlewaretoken").forEach(function (name) { data.append(name, form.elements[name].value); });
    if (more) data.append.apply(data, more);
    var request = new XMLHttpRequest();
    request.open("POST", box.dataset.address);
    listen(request);
    request.send(data);
  }
  function showPhotos(of) {
    send(strip, ["form_key"], function (request) {
      request.onload = function () { if (request.status === 200 && key.value === of) strip.innerHTML = request.responseText; };
    });
  }
  function tellPhotos(text) {
    document.getElementById("photos-say").textContent = text.replace("{n}", strip.querySelectorAll("img").length);
  }
  // Drawn smaller by browsers that heed the orientation.
  function shrink(file) {
    if (file.size < 1e6 || !window.createImageBitmap) return Promise.resolve(file);
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (picture) {
      var scale = strip.dataset.side / Math.max(picture.width, picture.height);
      if (scale >= 1) return null;
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      var pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", 0.9); });
    }).then(function (small) { return small && small.size < file.size ? small : file; }, function () { return file; });
  }
  function fail(text) {
    clearTimeout(stall);
    waiting = [];
    isUploading = false;
    held = null;
    say(text, "bad", strip);
  }
  function refuse(request) {
    fail(request.status === 410 ? request.responseText : navigator.cookieEnabled ? words.failed : words.cookies);
  }
  function upload() {
    var file = waiting.shift();
    isUploading = Boolean(file);
    if (!file) return goOn();
    var line = say(words.sending.replace("{n}", 0), "good", strip);
    var bar = line.appendChild(document.createElement("progress"));
    bar.max = 100;
    shrink(file).then(function (small) {
      send(strip, ["form_key"], function (request) { follow(request, line, bar); }, ["photos", small, file.name]);
    });
  }
  function follow(request, line, bar) {
    function watch() {
      clearTimeout(stall);
      stall = setTimeout(function () {
        offer(line, words.skip, function () {
          var again = held;
          request.onload = request.onerror = null;
          request.abort();
          fail(words.skipped);
          if (again) again.click();
        });
      }, STALL);
    }
    watch();
    request.upload.onprogress = function (event) {
      if (!line.querySelector("button")) watch();
      if (!event.lengthComputable) return;
      bar.value = 100 * event.loaded / event.total;
      line.firstChild.data = words.sending.replace("{n}", Math.round(bar.value));
    };
    request.onerror = function () { fail(words.failed); };
    request.onload = function () {
      clearTimeout(stall);
      if (request.status !== 200) return refuse(request);
      var faults = Array.from(strip.querySelectorAll(".field-error"));
      strip.innerHTML = request.responseText;
      strip.prepend.apply(strip, faults);
      line.remove();
      if (!faults.length && !strip.querySelector(".field-error")) tellPhotos(words.added);
      if (!form.elements.kept) form.appendChild(hiddenField("kept")); // error pages lead to it
      keep();
      upload();
    };
  }
  function hiddenField(name) {
    var made = document.createElement("input");
    made.type = "hidden";
    made.name = name;
    return made;
  }
  // A button pressed meanwhile, unless there is something to read.
  function goOn() {
    var button = held;
    held = null;
    if (button && !strip.querySelector(".field-error")) button.click();
  }
  input.addEventListener("change", function () {
    strip.querySelectorAll(".field-error").forEach(function (fault) { fault.remove(); });
    waiting = waiting.concat(Array.from(input.files));
    input.value = "";
    keep();
    if (!isUploading) upload();
  });

  strip.addEventListener("click", function (event) {
    var button = event.target.closest("[name=drop_photo]");
    if (!button || isUploading || navigator.onLine === false) return;
    event.preventDefault();
    var index = Array.from(strip.querySelectorAll("[name=drop_photo]")).indexOf(button);
    send(strip, ["form_key"], function (request) {
      request.onerror = function () { fail(words.failed); };
      request.onload = function () {
        if (request.status !== 200) return refuse(request);
        strip.innerHTML = request.responseText;
        var left = strip.querySelectorAll("[name=drop_photo]");
        (left[Math.min(index, left.length - 1)] || input).focus();
        tellPhotos(words.removed);
      };
    }, ["drop_photo", button.value]);
  });

  var ends = document.getElementById("ends");
  var told;
  function warn() {
    var minutes = Math.max(0, Math.ceil((ends.dataset.until - Date.now()) / 60000));
    if (minutes > 10 || minutes === told || (told - minutes < 3 && minutes > 2)) return;
    told = minutes;
    ends.hidden = false;
    ends.textContent = (minutes ? words.soon : words.over).replace("{n}", minutes);
  }
  warn();
  setInterval(warn, 20000);
  if (!navigator.cookieEnabled) say(words.cookies, "bad");

  // --- Ideas that are alike, while typing
  var alike = document.getElementById("alike");
  var asked, timer;
  function ask() {
    send(alike, ["title", "problem", "proposal", "place", "area"], function (request) {
      request.onload = function () { if (request.status === 200) alike.innerHTML = request.responseText; };
    });
  }

  var isSending = false;
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (button && button.form === form) pressed = button;
  });
  form.addEventListener("submit", function (event) {
    keep(navigator.onLine !== false);
    if (navigator.onLine === false) {
      event.preventDefault();
      say(words.offline, "bad").scrollIntoView();
    } else if (isUploading) {
      event.preventDefault();
      held = pressed;
      document.getElementById("form-says").scrollIntoView();
    } else if (isSending) {
      event.preventDefault();
    } else {
      isSending = true;
      setTimeout(function () { isSending = false; }, 8000);
    }
  });
  window.addEventListener("online", function () {
    var box = document.getElementById("form-says");
    if (box && box.firstChild.data === words.offline) box.remove();
  });
  window.addEventListener("pageshow", function (event) { isSending = leave(event.persisted); });

  form.addEventListener("input", function () {
    keep();
    clearTimeout(timer);
    timer = setTimeout(function () {
      var now = form.elements.title.value + form.elements.problem.value;
      if (now !== asked && now.length > 9) { asked = now; ask(); }
    }, 900);
  });
  var visit = (performance.getEntriesByType("navigation")[0] || {}).type;
  if (leave(visit === "back_forward")) return;
  restore();
  count(form.elements.title, 60);
  count(form.elements.problem, 5000);
  count(form.elements.proposal, 5000);
})();

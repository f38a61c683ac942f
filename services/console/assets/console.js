"use strict";

// A solve that is followed: the server writes the figures, the page shows them, and is read again at the end.
for (const place of document.querySelectorAll("[data-watch]")) {
  const source = new EventSource(place.dataset.watch);
  source.addEventListener("progress", (event) => { place.innerHTML = event.data; });
  source.addEventListener("end", () => { source.close(); location.reload(); });
  source.addEventListener("lost", () => { source.close(); setTimeout(() => location.reload(), 5000); });
}

// Things that are chosen by the group: all of a group at once, and how many of it are.
for (const group of document.querySelectorAll("[data-group]")) {
  const whole = group.querySelector("[data-whole] input");
  const own = [...group.querySelectorAll(".ticks input")];
  const count = () => {
    const chosen = own.filter((box) => box.checked).length;
    group.querySelector("summary small").textContent = `${chosen} / ${own.length}`;
    whole.checked = chosen === own.length;
    whole.indeterminate = chosen > 0 && chosen < own.length;
  };
  whole.closest("[data-whole]").hidden = false;
  group.addEventListener("change", (event) => {
    if (event.target === whole) for (const box of own) box.checked = whole.checked;
    count();
  });
  count();
}

// Carries something by mouse or pen. `over` says what lies under the pointer and what it would cost there, `drop` what is done there.
// A finger scrolls; whoever has no mouse opens the thing, and chooses from a list.
const carry = (start, name, over, drop) => {
  const tag = document.createElement("div");
  tag.className = "carried";
  let begun = false;
  const move = (event) => {
    if (!begun && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < 6) return;
    begun = true;
    event.preventDefault();
    if (!tag.isConnected) document.body.append(tag);
    const { words = "", may = true } = over(event) ?? {};
    tag.textContent = words ? `${name} → ${words}` : name;
    tag.classList.toggle("bad", !may);
    tag.style.left = `${event.clientX + 12}px`;
    tag.style.top = `${event.clientY + 12}px`;
  };
  const end = (event) => {
    for (const [what, listener] of listeners) removeEventListener(what, listener);
    tag.remove();
    if (!begun) return;
    // What was carried is not opened by letting it go.
    addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
    setTimeout(() => dispatchEvent(new Event("click", { cancelable: true })));
    if (event.type === "pointerup") drop(event);
  };
  const key = (event) => { if (event.key === "Escape") end(event); };
  const listeners = [["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", key]];
  for (const [what, listener] of listeners) addEventListener(what, listener);
};
// Which kind of pointer was last put down: browsers follow a tap with the events of a mouse.
let pointer = "";
addEventListener("pointerdown", (event) => { pointer = event.pointerType; }, true);
const costs = (address, name, of) => {
  const known = {};
  fetch(`${address}?${name}=${encodeURIComponent(of)}`)
    .then((answer) => (answer.ok ? answer.json() : {}))
    .then((told) => Object.assign(known, told));
  return known;
};

// A visit is carried to another day of the calendar.
for (const calendar of document.querySelectorAll("[data-days]")) {
  calendar.addEventListener("pointerdown", (event) => {
    const visit = event.target.closest("[data-visit]");
    if (!visit || event.button !== 0 || event.pointerType === "touch") return;
    const known = costs(calendar.dataset.days, "visit", visit.dataset.visit);
    const day = (at) => document.elementFromPoint(at.clientX, at.clientY)?.closest("[data-day]");
    const over = (at) => {
      const under = day(at);
      for (const cell of calendar.querySelectorAll(".under")) cell.classList.remove("under");
      under?.classList.add("under");
      const cost = known[under?.dataset.day];
      return under && { words: `${under.dataset.day} ${cost?.words ?? ""}`, may: cost?.may };
    };
    carry(event, visit.textContent, over, (at) => {
      const to = day(at)?.dataset.day;
      for (const cell of calendar.querySelectorAll(".under")) cell.classList.remove("under");
      if (!to || to === visit.closest("[data-day]").dataset.day) return;
      location.href = `${location.pathname}?${new URLSearchParams({ month: to.slice(0, 7), visit: visit.dataset.visit, to })}#moving`;
    });
  });
}

// A map of zones: areas, borders, schools by stage, bases. Two of them side by side show the same place.
const views = [];
for (const map of document.querySelectorAll("[data-map]")) {
  const read = (address) => fetch(address).then((answer) => answer.json());
  const other = map.dataset.other ? read(map.dataset.other) : Promise.resolve(null);
  Promise.all([read(map.dataset.map), other]).then(([plan, beside]) => {
    const turned = ([east, north]) => [north, east];
    const words = (text) => { const element = document.createElement("span"); element.textContent = text; return element; };
    const view = L.map(map, { preferCanvas: false, zoomSnap: 0.25, scrollWheelZoom: false });
    view.attributionControl.setPrefix(false);
    if (plan.tiles) L.tileLayer(plan.tiles).addTo(view);
    const all = L.featureGroup().addTo(view);
    // A base may stand at a school: schools lie above bases, so that they can be taken.
    view.createPane("schools");
    // The county's own layers lie on the zones, and below all that can be taken; their names do not stand in the way.
    view.createPane("ground").style.pointerEvents = "none";
    const ground = L.geoJSON(plan.layers, {
      pane: "ground", interactive: false, style: () => ({ className: "ground", weight: 1.5, fill: false }),
      onEachFeature: ({ properties }, shape) => {
        if (properties.name) shape.bindTooltip(words(properties.name), { permanent: true, direction: "center", className: "place", pane: "ground" });
      },
    }).addTo(view);
    for (const zone of plan.zones) {
      L.polygon(zone.areas.map((area) => [area.map(turned)]), { className: `zone-${zone.colour}`, stroke: false, fillOpacity: 0.55 })
        .bindTooltip(words(zone.words), { sticky: true }).addTo(all);
      L.polyline(zone.borders.map((border) => border.map(turned)), { className: "border", weight: 1.5, interactive: false }).addTo(all);
    }
    const before = beside && new Map(beside.schools.map((school) => [school.id, school.supervisor]));
    // The supervisor of the school or base that lies nearest to the pointer.
    const nearest = (at) => {
      const here = view.mouseEventToContainerPoint(at);
      let best = { far: 32 };
      for (const place of [...plan.schools, ...plan.bases]) {
        const far = view.latLngToContainerPoint(turned(place.at)).distanceTo(here);
        if (far < best.far) best = { far, to: place.supervisor };
      }
      return best.to;
    };
    const choose = (query) => { location.href = `${map.dataset.choose}?${new URLSearchParams(query)}#choices`; };
    for (const school of plan.schools) {
      const moved = before && before.get(school.id) !== school.supervisor;
      const dot = L.circleMarker(turned(school.at), { pane: "schools", className: `dot ${school.stage}${moved ? " moved" : ""}`, radius: moved ? 8 : 4.5, weight: moved ? 3 : 1, fillOpacity: 1 })
        .bindTooltip(words(school.words)).addTo(all);
      if (!map.dataset.choose) continue;
      dot.on("click", () => choose({ school: school.id }));
      if (!map.dataset.choices) continue;
      dot.on("mousedown", ({ originalEvent }) => {
        if (originalEvent.button !== 0 || pointer === "touch") return;
        view.dragging.disable();
        addEventListener("pointerup", () => view.dragging.enable(), { once: true });
        const known = costs(map.dataset.choices, "school", school.id);
        carry(originalEvent, school.words, (at) => known[nearest(at)] ?? {}, (at) => {
          const to = nearest(at);
          if (to && to !== school.supervisor) choose({ school: school.id, to });
        });
      });
    }
    for (const base of plan.bases) {
      L.marker(turned(base.at), { icon: L.divIcon({ className: "base", iconSize: [11, 11] }), keyboard: false })
        .bindTooltip(words(base.words)).addTo(all);
    }
    view.fitBounds(all.getBounds().extend(ground.getBounds()), { padding: [8, 8] });
    if (!beside) return;
    views.push(view);
    view.on("moveend", () => {
      for (const twin of views) {
        if (twin !== view && (!twin.getCenter().equals(view.getCenter(), 1e-4) || twin.getZoom() !== view.getZoom())) twin.setView(view.getCenter(), view.getZoom(), { animate: false });
      }
    });
  });
}

// What is wider than the screen can be moved by the keyboard.
const reach = () => {
  for (const wide of document.querySelectorAll(".wide")) {
    if (wide.scrollWidth > wide.clientWidth) wide.setAttribute("tabindex", "0");
    else wide.removeAttribute("tabindex");
  }
};
addEventListener("resize", reach);
reach();

// Whoever signs out, or in, leaves no pages of theirs behind on the device.
const forget = () => globalThis.caches?.delete("pages");
if (location.pathname === "/login") forget();
document.querySelector("form[action='/logout']")?.addEventListener("submit", forget);

"use strict";

// A solve that is followed: the server writes the figures, the page shows them, and is read again at the end.
for (const place of document.querySelectorAll("[data-watch]")) {
  const source = new EventSource(place.dataset.watch);
  source.addEventListener("progress", (event) => { place.innerHTML = event.data; });
  source.addEventListener("end", () => { source.close(); location.reload(); });
  source.addEventListener("lost", () => { source.close(); setTimeout(() => location.reload(), 5000); });
}

// A map of zones: areas, borders, schools by stage, bases.
const map = document.querySelector("[data-map]");
if (map) {
  fetch(map.dataset.map).then((answer) => answer.json()).then((plan) => {
    const turned = ([east, north]) => [north, east];
    const words = (text) => { const element = document.createElement("span"); element.textContent = text; return element; };
    const view = L.map(map, { preferCanvas: false, zoomSnap: 0.25, scrollWheelZoom: false });
    view.attributionControl.setPrefix(false);
    if (plan.tiles) L.tileLayer(plan.tiles).addTo(view);
    const all = L.featureGroup().addTo(view);
    for (const zone of plan.zones) {
      L.polygon(zone.areas.map((area) => [area.map(turned)]), { className: `zone-${zone.colour}`, stroke: false, fillOpacity: 0.55 })
        .bindTooltip(words(zone.words), { sticky: true }).addTo(all);
      L.polyline(zone.borders.map((border) => border.map(turned)), { className: "border", weight: 1.5, interactive: false }).addTo(all);
    }
    for (const school of plan.schools) {
      L.circleMarker(turned(school.at), { className: `dot ${school.stage}`, radius: 4.5, weight: 1, fillOpacity: 1 })
        .bindTooltip(words(school.words)).on("click", () => { location.href = school.why; }).addTo(all);
    }
    for (const base of plan.bases) {
      L.marker(turned(base.at), { icon: L.divIcon({ className: "base", iconSize: [11, 11] }), keyboard: false })
        .bindTooltip(words(base.words)).addTo(all);
    }
    view.fitBounds(all.getBounds(), { padding: [8, 8] });
  });
}

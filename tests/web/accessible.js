// What WCAG 2.2 AA asks that a program can see: names, roles, headings, contrast, sizes, what the keyboard reaches.
() => {
  const wrong = [];
  const told = (rule, element, more) => wrong.push(`${rule}: ${element.outerHTML.slice(0, 90).replace(/\s+/g, " ")}${more ? " · " + more : ""}`);
  const shown = (element) => {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    return style.visibility !== "hidden" && style.display !== "none" && box.width > 1 && box.height > 1;
  };
  const words = (element) => (element.getAttribute("aria-label") || element.textContent || element.value || "").trim();
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  if (!document.documentElement.lang) told("the page has no language", document.documentElement);
  if (!document.title.trim()) told("the page has no title", document.head);
  if (/user-scalable=no|maximum-scale=1\b/.test((document.querySelector("meta[name=viewport]") || {}).content || "")) told("cannot be enlarged", document.head);
  if (all("main").length !== 1 || all("h1").length !== 1) told("not one main part with one title", document.body, `${all("main").length}, ${all("h1").length}`);
  let level = 0;
  all("h1, h2, h3, h4, h5, h6").filter(shown).forEach((head) => {
    const now = Number(head.tagName[1]);
    if (now > level + 1) told("a level of headings is left out", head, `after ${level}`);
    if (!words(head)) told("an empty heading", head);
    level = now;
  });

  all("img").forEach((image) => { if (!image.hasAttribute("alt")) told("a picture without words", image); });
  all("[role=img]").forEach((image) => { if (words(image).length < 20) told("a drawing without words", image); });
  all("input:not([type=hidden]), select, textarea").forEach((field) => {
    if (!field.getAttribute("aria-label") && !Array.from(field.labels || []).some((label) => label.textContent.trim())) told("a field without a label", field);
  });
  all("a[href], button, summary").forEach((one) => { if (!words(one)) told("a link or button without a name", one); });
  all("progress, [role=region], nav").forEach((one) => {
    if (!one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby")) told("a part without a name", one);
  });
  const ids = {};
  all("[id]").filter((one) => !one.closest("svg")).forEach((one) => { if (ids[one.id]) told("an id twice", one); ids[one.id] = true; });
  ["aria-labelledby", "aria-controls", "aria-describedby", "for", "list"].forEach((name) => all(`[${name}]`).forEach((one) => {
    one.getAttribute(name).split(/\s+/).forEach((id) => { if (!document.getElementById(id)) told(`${name} leads nowhere`, one, id); });
  }));
  all("a[href^='#']").forEach((link) => { if (!document.getElementById(link.getAttribute("href").slice(1))) told("a link leads nowhere", link); });
  all("ul, ol").forEach((list) => Array.from(list.children).forEach((item) => { if (item.tagName !== "LI") told("a list holds what is no item", item); }));
  all("table").forEach((table) => {
    if (!table.tHead) told("a table without heads", table);
    table.querySelectorAll("th").forEach((head) => { if (!head.scope) told("a head of no row or column", head); });
  });

  all("*").filter((one) => !one.closest("svg") && shown(one)).forEach((one) => {
    const style = getComputedStyle(one), across = one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(style.overflowX);
    const down = one.scrollHeight > one.clientHeight + 1 && /auto|scroll/.test(style.overflowY);
    const reached = one.tabIndex >= 0 || one.querySelector("a[href], button, input, select, [tabindex='0']");
    if ((across || down) && !reached && one !== document.documentElement && one !== document.body) told("the keyboard cannot move it", one);
  });
  all("button, input:not([type=hidden]), select, summary").filter(shown).forEach((one) => {
    const box = one.getBoundingClientRect();
    if (!one.closest("thead") && (box.height < 24 || box.width < 24)) told("too small to touch", one, `${Math.round(box.width)} x ${Math.round(box.height)}`);
  });

  const parts = (colour) => (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (top, under) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map((k) => top[k] * a + under[k] * (1 - a)); };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parts(getComputedStyle(at).backgroundColor));
    const page = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    return layers.reverse().reduce((under, top) => over(top, under), page);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest("svg, script, datalist, option, .js-plotly-plot") || !shown(element)) continue;
    const style = getComputedStyle(element), back = ground(element), fore = over(parts(style.color), back);
    const [a, b] = [light(fore), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const mark = `${element.tagName}.${element.className} ${fore} ${back}`;
    if (ratio < (large ? 3 : 4.5) && !seen.has(mark)) { seen.add(mark); told("too little contrast", element, `${ratio.toFixed(2)} at ${size} px`); }
  }
  return wrong;
}

// The loader's pure helpers: names, values, contrast. The rest is about a browser and is tested in one (rejoin.spec.mjs).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("rejoin.js", import.meta.url), "utf8");
const section = source.split("// ---- pure helpers begin")[1].split("\n").slice(1).join("\n").split("// ---- pure helpers end")[0];
const context = { Intl, CSS: { supports: (_property, value) => value === "red" } };
const { ATTRIBUTES, NAMES, channels, complaint, isOn, nearest, onAccent, read, within } = vm.runInNewContext(
  `${section}; ({ ATTRIBUTES, NAMES, channels, complaint, isOn, nearest, onAccent, read, within })`,
  context,
);

/** Reads one attribute and gives its value with what was reported. */
const reading = (name, raw) => {
  const reports = [];
  const value = read(name, raw, (text) => reports.push(text));
  return { value, reports };
};

test("within counts added, dropped and changed letters", () => {
  assert.ok(within("color", "color", 0));
  assert.ok(!within("colour", "color", 0));
  assert.ok(within("colour", "color", 1));
  assert.ok(within("olor", "color", 1));
  assert.ok(within("kolor", "color", 1));
  assert.ok(!within("kolour", "color", 1));
  assert.ok(within("kolour", "color", 2));
  assert.ok(within("", "ab", 2));
  assert.ok(!within("", "abc", 2));
});

test("the nearest name is found for slips, cuts and additions, and not for other words", () => {
  const cases = {
    colour: "color",
    headng: "heading",
    greting: "greeting",
    positon: "position",
    launcher: "launcher-text",
    launchertext: "launcher-text",
    "site-name": "site",
    local: "locale",
    foo: undefined,
    "z-index": undefined,
    language: undefined,
  };
  for (const [wrong, right] of Object.entries(cases)) assert.equal(nearest(wrong, NAMES), right, wrong);
});

test("no right name is mistaken for another", () => {
  for (const name of NAMES) assert.equal(nearest(name, NAMES), name);
});

test("a complaint names the way out", () => {
  assert.equal(complaint("data-colour", "colour", NAMES, "data-"), "data-colour is not known; did you mean data-color?");
  assert.equal(complaint('mode="x"', "x", ["floating", "fullpage"]), 'mode="x" is not known; use one of floating, fullpage');
});

test("good values pass as they are", () => {
  const good = { site: "my-shop-2", heading: "Fragen?", greeting: "", color: "red", theme: "dark", position: "bottom-left", locale: "pt-BR", open: "", "launcher-text": "Ask", mode: "fullpage" };
  assert.deepEqual(Object.keys(good), Array.from(NAMES));
  for (const [name, raw] of Object.entries(good)) assert.deepEqual(reading(name, raw), { value: raw, reports: [] });
});

test("absent and blank are no mistakes; only free text may be blank", () => {
  for (const name of NAMES) {
    assert.deepEqual(reading(name, null), { value: undefined, reports: [] });
    assert.deepEqual(reading(name, ""), { value: ATTRIBUTES[name] ? undefined : "", reports: [] });
  }
});

test("bad values are reported by name and left out", () => {
  const bad = [
    ["site", "My Shop"],
    ["site", "-shop"],
    ["site", "shop-"],
    ["site", "a".repeat(65)],
    ["color", "bleu"],
    ["theme", "Dark"],
    ["position", "top"],
    ["locale", "not a locale"],
    ["mode", "inline"],
  ];
  for (const [name, raw] of bad) {
    const { value, reports } = reading(name, raw);
    assert.equal(value, undefined, raw);
    assert.equal(reports.length, 1, raw);
    assert.ok(reports[0].startsWith(`${name}="${raw}" is not `), reports[0]);
  }
});

test("a Boolean attribute is on unless it is absent or says false", () => {
  assert.deepEqual([null, "false", "", "true", "open"].map(isOn), [false, false, true, true, true]);
});

test("computed colours become channels", () => {
  const plain = (computed) => Array.from(channels(computed));
  assert.deepEqual(plain("rgb(255, 0, 51)"), [1, 0, 0.2]);
  assert.deepEqual(plain("rgba(255, 0, 51, 0.5)"), [1, 0, 0.2]);
  assert.deepEqual(plain("color(srgb 0.25 1e-05 1)"), [0.25, 0.00001, 1]);
  assert.deepEqual(plain("color(srgb -0.1 0.5 1 / 0.5)"), [-0.1, 0.5, 1]);
});

test("words on any accent have a contrast of 4.5 or more, and are white where white has it", () => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const steps = Array.from({ length: 16 }, (_, i) => i / 15);
  for (const r of steps) {
    for (const g of steps) {
      for (const b of steps) {
        const accent = luminance([r, g, b]) + 0.05;
        const contrast = { "#fff": 1.05 / accent, "#000": accent / 0.05 };
        const chosen = onAccent([r, g, b]);
        assert.ok(contrast[chosen] >= 4.5, `${[r, g, b]} ${chosen}`);
        assert.equal(chosen, contrast["#fff"] >= 4.5 ? "#fff" : "#000");
      }
    }
  }
});

test("the placeholder stands where the build replaces it", () => {
  assert.equal(source.match(/= __REJOIN_APP__;/g).length, 1);
});

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Uses a report.html as a person does, in a headless Chromium.

usage: html_browser_test.py REPORT_HTML REPORT_JSON SHOTS [TEST...]

REPORT_HTML is the page of the document REPORT_JSON. Screenshots, light, dark
and as wide as a phone, go to the directory SHOTS, for a person to look at. All
tests together are for the page of testdata/report.json alone.
"""

import base64
import json
import pathlib
import sys
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

PAGE, DOCUMENT, SHOTS = (pathlib.Path(argument) for argument in sys.argv[1:4])
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
SHOT_HEIGHT_MAX = 2400

# Pairs of colours with a contrast of less than 4.5 to 1: of text on a page, and
# of the labels in a drawing on each shade of bar.
POOR_CONTRAST = """
const channel = (c) => {
  c /= 255;
  return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) +
                     0.0722 * channel(c[2]);
const ratio = (a, b) => {
  const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
};
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = parse(getComputedStyle(e).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const poor = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim()) continue;
  if (element.closest("svg, script")) continue;
  if (!element.getClientRects().length) continue;
  const r = ratio(parse(getComputedStyle(element).color), behind(element));
  if (r < 4.5) poor.add(`${element.className} ${r.toFixed(2)}`);
}
const bar = document.querySelector("svg.tree rect.b");
const labels = document.querySelectorAll("svg.tree text:not(.k, .tt)");
for (let shade = 0; shade < 5; ++shade) {
  bar.setAttribute("class", `b l${shade}`);
  const fill = parse(getComputedStyle(bar).fill);
  for (const label of labels) {
    const r = ratio(parse(getComputedStyle(label).fill), fill);
    if (r < 4.5) poor.add(`label on l${shade} ${r.toFixed(2)}`);
  }
}
return [...poor];
"""



class BrowserTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        options = Options()
        for flag in FLAGS:
            options.add_argument(flag)
        options.binary_location = "/usr/bin/chromium"
        options.set_capability(
            "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
        )
        cls.driver = webdriver.Chrome(
            service=Service("/usr/bin/chromedriver"), options=options
        )
        cls.driver.set_script_timeout(60)
        cls.document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
        SHOTS.mkdir(parents=True, exist_ok=True)

    @classmethod
    def tearDownClass(cls):
        cls.driver.quit()

    def setUp(self):
        self.open(1280)

    def open(self, width, scheme="light", height=900):
        phone = width < 500
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.cdp("Emulation.setEmulatedMedia", features=[feature])
        self.driver.get("about:blank")
        self.driver.get(PAGE.resolve().as_uri())

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def open_details(self):
        self.js(
            "for (const details of document.querySelectorAll('details'))"
            "details.open = true"
        )

    def clipboard(self):
        """Pastes, so that the page's own rights to read do not matter."""
        self.js(
            "const area = document.createElement('textarea');"
            "area.id = 'pasted'; document.body.append(area); area.focus();"
        )
        area = self.one("#pasted")
        area.send_keys(Keys.CONTROL, "v")
        text = area.get_attribute("value")
        self.js("document.getElementById('pasted').remove()")
        return text

    def test_asks_for_nothing_and_logs_nothing(self):
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.open(1280)
        for button in self.all(".next, .prev, .copy")[:6]:
            self.js("arguments[0].click()", button)
        asked = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        page = PAGE.resolve().as_uri()
        self.assertEqual(set(asked) - {page, "about:blank"}, set())
        self.assertIn(page, asked)
        self.assertEqual(self.driver.get_log("browser"), [])

    def test_policy_refuses_what_is_not_ours(self):
        self.js(
            "const s = document.createElement('script');"
            "s.textContent = 'window.intruded = true';"
            "document.body.append(s)"
        )
        self.assertIsNone(self.js("return window.intruded"))
        self.driver.get_log("browser")  # which the refusal was in

    def test_slider_moves_the_drawing(self):
        steps = self.one(".steps")
        slider = steps.find_element(By.CSS_SELECTOR, "input")
        figures = steps.find_elements(By.CSS_SELECTOR, ".step")
        shown = lambda: [f.is_displayed() for f in figures].index(True)
        drawing = lambda: self.js(
            "return arguments[0].querySelector('.now svg').outerHTML", steps
        )
        last = len(figures) - 1
        self.assertEqual(shown(), last)
        self.assertEqual(sum(f.is_displayed() for f in figures), 1)
        seen = [drawing()]
        slider.send_keys(Keys.HOME)
        self.assertEqual(shown(), 0)
        seen.append(drawing())
        slider.send_keys(Keys.ARROW_RIGHT)
        self.assertEqual(shown(), 1)
        seen.append(drawing())
        self.assertEqual(len(set(seen)), 3)
        live = steps.find_element(By.CSS_SELECTOR, "[aria-live]")
        said = self.js("return arguments[0].textContent", live)
        self.assertIn("Op 2 of 3", said)
        self.assertEqual(slider.get_attribute("aria-valuetext"), said)
        marked = self.one(".bug .op.now")
        self.assertEqual(marked.get_attribute("data-op"), "1")
        steps.find_element(By.CSS_SELECTOR, ".next").click()
        self.assertEqual(shown(), 2)
        self.assertFalse(
            steps.find_element(By.CSS_SELECTOR, ".next").is_enabled()
        )
        steps.find_element(By.CSS_SELECTOR, ".prev").click()
        self.assertEqual(shown(), 1)

    def test_copy_buttons_copy(self):
        finding = self.document["bugs"][0]["findings"][0]
        self.open_details()
        # A busy machine may look when the button has long calmed down again.
        self.js("window.setTimeout = () => 0")
        expected = {
            "command": self.document["command"],
            "-trace": finding["trace"],
            "-replay": finding["replay"],
            "-kunit": finding["exports"]["kunit"]["text"],
            "-gtest": finding["exports"]["gtest"]["text"],
            "-diff": finding["iomem_diff"],
        }
        for has_clipboard in (True, False):
            if not has_clipboard:
                self.js(
                    "Object.defineProperty(navigator, 'clipboard',"
                    "{value: undefined})"
                )
            for suffix, text in expected.items():
                with self.subTest(suffix=suffix, clipboard=has_clipboard):
                    button = self.one(f'.copy[data-copy$="{suffix}"]')
                    self.js("arguments[0].scrollIntoView()", button)
                    self.js("arguments[0].textContent = 'Copy'", button)
                    button.click()
                    WebDriverWait(self.driver, 20).until(
                        lambda _: button.text == "Copied"
                    )
                    said = self.one("#said").get_attribute("textContent")
                    self.assertEqual(said, "Copied.")
                    self.assertEqual(self.clipboard(), text)

    def test_every_copy_button_has_a_source(self):
        self.assertEqual(
            self.js(
                "return [...document.querySelectorAll('.copy')].filter(b =>"
                "!document.getElementById(b.dataset.copy)).length"
            ),
            0,
        )

    def test_keyboard_reaches_all_and_shows_where_it_is(self):
        body = self.one("body")
        body.send_keys(Keys.TAB)
        self.assertEqual(
            self.driver.switch_to.active_element.get_attribute("class"), "skip"
        )
        kinds = set()
        for _ in range(60):
            active = self.driver.switch_to.active_element
            kinds.add(active.tag_name)
            width = self.js(
                "const s = getComputedStyle(arguments[0]);"
                "return s.outlineStyle === 'none' ? 0 :"
                "parseFloat(s.outlineWidth)",
                active,
            )
            self.assertGreaterEqual(width, 1, active.get_attribute("outerHTML"))
            active.send_keys(Keys.TAB)
        self.assertLessEqual(
            {"a", "button", "input", "pre", "summary"}, kinds
        )
        summary = self.one(".bug summary")
        summary.send_keys(Keys.ENTER)
        self.assertTrue(
            self.js("return arguments[0].parentElement.open", summary)
        )

    def test_a_link_opens_what_it_leads_to(self):
        also = self.one(".also")
        self.js("location.hash = arguments[0]", also.get_attribute("id"))
        WebDriverWait(self.driver, 20).until(
            lambda _: self.js(
                "return arguments[0].firstElementChild.open", also
            )
        )

    def test_screen_reader_finds_names_and_landmarks(self):
        self.cdp("Accessibility.enable")
        nodes = self.cdp("Accessibility.getFullAXTree")["nodes"]
        names = {}
        for node in nodes:
            if node.get("ignored"):
                continue
            role = node["role"]["value"]
            names.setdefault(role, []).append(
                node.get("name", {}).get("value", "")
            )
        for role in ("banner", "navigation", "main", "contentinfo"):
            self.assertEqual(len(names.get(role, [])), 1, role)
        for role in ("slider", "img", "image", "button", "link"):
            for name in names.get(role, []):
                self.assertNotEqual(name.strip(), "", role)
        drawings = names.get("img", []) + names.get("image", [])
        self.assertTrue(any("Expected: model" in name for name in drawings))
        levels = self.js(
            "return [...document.querySelectorAll('h1,h2,h3,h4')].map(h =>"
            "Number(h.tagName[1]))"
        )
        self.assertEqual(levels.count(1), 1)
        for last, level in zip(levels, levels[1:]):
            self.assertLessEqual(level, last + 1)

    def test_colours_can_be_read(self):
        for scheme in ("light", "dark"):
            with self.subTest(scheme=scheme):
                self.open(1280, scheme)
                self.open_details()
                self.assertEqual(self.js(POOR_CONTRAST), [])

    def test_dark_is_dark(self):
        paper = "return getComputedStyle(document.body).backgroundColor"
        light = self.js(paper)
        self.open(1280, "dark")
        self.assertNotEqual(self.js(paper), light)

    def test_fits_a_phone(self):
        for width in (320, 360, 768):
            with self.subTest(width=width):
                self.open(width, height=780)
                for opened in (False, True):
                    if opened:
                        self.open_details()
                    self.assertLessEqual(
                        self.js("return document.documentElement.scrollWidth"),
                        width,
                    )

    def test_reads_without_a_script(self):
        self.cdp("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.open(1280)
            root = self.cdp("DOM.getDocument")["root"]["nodeId"]
            query = lambda selector: self.cdp(
                "DOM.querySelectorAll", nodeId=root, selector=selector
            )["nodeIds"]
            steps = query(".step svg")
            self.assertGreater(len(steps), 3)
            details = query("details .step svg")
            for node in set(steps) - set(details):
                box = self.cdp("DOM.getBoxModel", nodeId=node)
                self.assertGreater(box["model"]["height"], 0)
            with self.assertRaises(Exception):  # it has no box
                self.cdp("DOM.getBoxModel", nodeId=query(".copy")[0])
        finally:
            self.cdp("Emulation.setScriptExecutionDisabled", value=False)

    def test_prints(self):
        pdf = self.cdp("Page.printToPDF", printBackground=False)["data"]
        (SHOTS / "report.pdf").write_bytes(base64.b64decode(pdf))
        self.assertGreater(len(pdf), 10_000)

    def test_screenshots(self):
        for name, width, scheme in (
            ("light", 1280, "light"),
            ("dark", 1280, "dark"),
            ("phone", 360, "light"),
            ("phone-dark", 360, "dark"),
        ):
            self.open(width, scheme)
            height = self.js("return document.documentElement.scrollHeight")
            for number, top in enumerate(range(0, height, SHOT_HEIGHT_MAX)):
                clip = {
                    "x": 0,
                    "y": top,
                    "width": width,
                    "height": min(SHOT_HEIGHT_MAX, height - top),
                    "scale": 1,
                }
                shot = self.cdp(
                    "Page.captureScreenshot",
                    captureBeyondViewport=True,
                    clip=clip,
                )
                (SHOTS / f"{name}-{number}.png").write_bytes(
                    base64.b64decode(shot["data"])
                )


if __name__ == "__main__":
    unittest.main(
        argv=sys.argv[:1] + [f"BrowserTest.{name}" for name in sys.argv[4:]]
    )

"""The keyboard on one page: Tab reaches everything once and in order, the focus is seen, targets are large enough."""

from collections.abc import Iterator

from playwright.sync_api import Page

# WCAG 2.2, 2.5.8 (24 px for anything), and 2.5.5 (44 px), which look.md asks for controls.
LEAST, CONTROL = 24, 44
PARTS = 6

# Marks what Tab should reach, in the order of the page, and listens to what it does reach. Of the radio buttons of one
# group Tab reaches one: the arrow keys do the rest.
PREPARE = """() => {
  const able = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const groups = new Map();
  const wanted = [...document.querySelectorAll(able)].filter((one) => {
    if (one.disabled || one.tabIndex < 0) return false;
    if (!one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== "radio") return true;
    const group = (one.form ? [...document.forms].indexOf(one.form) : "") + one.name;
    if (!groups.has(group)) groups.set(group, [...document.querySelectorAll("input[type=radio]")]
      .filter((other) => other.name === one.name && other.form === one.form && !other.disabled));
    const members = groups.get(group);
    return one === (members.find((other) => other.checked) || members[0]);
  });
  const said = (one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
  const drawn = (one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  window.palierKeys = { reached: [] };
  document.activeElement?.blur?.();
  document.addEventListener("focusin", ({ target }) => window.palierKeys.reached.push({
    at: wanted.indexOf(target),
    seen: drawn(target) || (target.nextElementSibling && drawn(target.nextElementSibling)) || false,
    what: said(target),
    scrolls: target.scrollHeight > target.clientHeight || target.scrollWidth > target.clientWidth,
  }));
  return wanted.map(said);
}"""

# What is too small. A link inside a sentence is as tall as its line, which 2.5.8 excepts; a control's label counts in.
SMALL = """([least, control]) => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(".skip");
  const inside = (one) => one.matches("[type=radio], [type=checkbox]") && one.closest("label");
  const box = (one) => (inside(one) || one).getBoundingClientRect();
  const said = (one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
  const controls = "button, input:not([type=hidden]), select, textarea, summary, a.button, nav a";
  const small = [...document.querySelectorAll("a[href], " + controls)].filter(shown).filter((one) => {
    const { width, height } = box(one);
    const wanted = one.matches(controls) ? control : least;
    if (!one.matches(controls) && getComputedStyle(one).display === "inline") return false;
    return height < wanted - 0.5 || width < least - 0.5;
  });
  return small.map((one) => Math.round(box(one).width) + "×" + Math.round(box(one).height) + " " + said(one));
}"""


def problems(page: Page) -> Iterator[str]:
    """Everything the keyboard cannot do here, a sentence each."""
    yield from (f"too small: {one}" for one in page.evaluate(SMALL, [LEAST, CONTROL]))
    page.evaluate("window.scrollTo(0, 0)")
    wanted = page.evaluate(PREPARE)
    _hold(page, len(wanted))
    reached = page.evaluate("window.palierKeys.reached")
    if len(_steps(reached)) < len(wanted):
        # A few more than there are, for regions that only scroll: then Tab has left the page or is caught. A field for
        # a moment has a stop for each of its parts (day, month, year, hour, minute, calendar).
        _hold(page, 4 + PARTS * page.locator("input[type^=date], input[type=time]").count())
        reached = page.evaluate("window.palierKeys.reached")
    yield from judge(wanted, reached)


def _hold(page: Page, times: int) -> None:
    """Hold the key until it has repeated so often: half the messages of as many presses."""
    for _ in range(times):
        page.keyboard.down("Tab")
    page.keyboard.up("Tab")


def _steps(reached: list[dict[str, object]]) -> list[dict[str, object]]:
    """What was reached, but for regions that only scroll."""
    return [one for one in reached if not (one["at"] == -1 and one["scrolls"])]


def judge(wanted: list[str], reached: list[dict[str, object]]) -> Iterator[str]:
    """Compare what should be reached with what was."""
    first_round = _steps(reached)[: len(wanted)]
    if wanted and 'class="skip"' not in wanted[0]:
        yield f"does not begin with the way past the head: {wanted[0]}"
    for number, (what, step) in enumerate(zip(wanted, first_round, strict=False)):
        if step["at"] != number:
            yield f"Tab {number + 1} reaches {step['what']}, not {what}"
            return
        if not step["seen"]:
            yield f"focus is not seen: {what}"
    if len(first_round) < len(wanted):
        yield f"Tab never reaches {wanted[len(first_round)]}"

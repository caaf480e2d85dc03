"""axe-core in a page. Run through `evaluate`, which the page's own Content-Security-Policy does not bind."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
GRAVE = ("serious", "critical")
RUN = """async (rules) => {
  const only = rules.length ? {runOnly: {type: "rule", values: rules}} : {};
  const found = await axe.run(document, {resultTypes: ["violations"], ...only});
  return found.violations.map((it) => ({
    id: it.id, impact: it.impact,
    nodes: it.nodes.map((node) => ({
      at: node.target.join(" "), html: node.html,
      said: [...node.any, ...node.all, ...node.none].map((check) => check.message).join(" / "),
    })),
  }));
}"""


def violations(page: Page, *rules: str) -> list[dict[str, Any]]:
    """All that axe objects to on the page as it stands; `rules`: only these."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    return list(page.evaluate(RUN, list(rules)))


def grave(page: Page, where: str, *rules: str) -> list[str]:
    """What is serious or critical, a line a node: place, rule, element, what is wrong."""
    return [
        f"{where}: {found['id']} ({found['impact']}) {node['at']} | {node['html'][:160]} | {node['said'][:200]}"
        for found in violations(page, *rules)
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]

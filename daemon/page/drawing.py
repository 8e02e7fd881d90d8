"""How does a chart become a part of the page? pygal draws; what only its own scripts and styles need is taken off.

Nothing is left that a strict Content-Security-Policy would refuse, or that two charts of a page could both claim: no
script, style, link, id or comment. Colours and type are the page's own, by pygal's classes and ours; equal charts are
equal text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from markupsafe import Markup

from daemon.plotting import library

WIDTH = 360
"""Units of a chart's width: what a phone shows, so that its text is as large as the text around it."""
SMALL = 10
"""Units of a label's height."""
Series: TypeAlias = tuple[str, Sequence[object], Mapping[str, object]]
"""A name, values as pygal takes them, and the options of that series."""
_NUMBER = re.compile(r"-?\d+\.\d+")
_UNUSED = frozenset({"script", "style", "defs", "desc"})
_UNUSED_CLASSES = frozenset({"background", "plot tooltip-overlay", "titles"})
_KEPT = frozenset({"class", "d", "x", "y", "r", "cx", "cy", "rx", "ry", "width", "height", "transform", "viewBox"})


def svg(
    kind: str,
    title: str,
    told: str,
    series: Sequence[Series],
    **options: Any,
) -> Markup:
    """Return a chart of that pygal ``kind`` as SVG: ``title`` names it, ``told`` says in a sentence what it shows."""
    pygal = library()
    sizes = dict.fromkeys(("label", "major_label", "value", "value_label", "legend"), SMALL)
    chart = getattr(pygal, kind)(
        **{
            "width": WIDTH,
            "js": (),
            "css": (),
            "no_prefix": True,
            "disable_xml_declaration": True,
            "show_legend": False,
            "margin": 4,
            "spacing": 4,
            "truncate_label": -1,
            "style": pygal.style.Style(**{f"{name}_font_size": size for name, size in sizes.items()}),
            **options,
        }
    )
    for name, values, chosen in series:
        chart.add(name, values, **chosen)
    chart.add_xml_filter(_tidy(title, told))
    return Markup(chart.render(is_unicode=True))  # noqa: S704 - pygal escapes every text


def _tidy(title: str, told: str) -> Callable[[Any], Any]:
    """Return what makes of a drawn tree one that a page may hold, under that name."""

    def tidied(root: Any) -> Any:
        _strip(root)
        root.find("title").text = title
        root.set("role", "img")
        root.set("aria-label", f"{title}. {told}")
        return root

    return tidied


def _strip(node: Any) -> None:
    is_axis = "guides" in node.get("class", "").split()
    for child in list(node):
        comment = not isinstance(child.tag, str)
        if (
            comment
            or child.tag in _UNUSED
            or child.get("class") in _UNUSED_CLASSES
            or (is_axis and child.tag == "title")
        ):
            node.remove(child)
            continue
        _strip(child)
        if child.tag == "g" and not len(child):
            node.remove(child)
    for name, value in list(node.attrib.items()):
        if name not in _KEPT or not value:
            del node.attrib[name]
        else:
            node.set(name, _NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), value))

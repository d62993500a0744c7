"""Outlines as pictures: right place, small, harmless, readable to assistive technology."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from allmende.guide.bridges.outline_svg import Area, Dot, box_of, frame_for, ground_of, path_of, region_svg, where_svg

SQUARE = {"type": "Polygon", "coordinates": [[[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]]}
SMALL = {"type": "Polygon", "coordinates": [[[0.5, 0.5], [1.0, 0.5], [1.0, 1.0], [0.5, 1.0], [0.5, 0.5]]]}
ISLANDS = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], SMALL["coordinates"]]}
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(str.replace(svg, "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def test_frame_keeps_proportions_and_puts_north_up() -> None:
    frame = frame_for((0.0, 0.0, 2.0, 2.0), 220)
    left, top = frame.place(0.0, 2.0)
    right, bottom = frame.place(2.0, 0.0)
    assert (round(left), round(top)) == (6, 6)
    assert math.isclose(bottom - top, (right - left) / math.cos(math.radians(1)), rel_tol=1e-9)


def test_tall_area_is_not_taller_than_allowed() -> None:
    frame = frame_for((0.0, 0.0, 0.1, 9.0), 200, tallest=1.25)
    assert frame.height <= 251
    assert frame.place(0.05, 4.5)[0] == 100.0


def test_path_is_closed_and_has_no_point_twice() -> None:
    assert path_of(SQUARE, frame_for((0.0, 0.0, 2.0, 2.0), 112, margin=6)).count("M") == 1
    assert re.fullmatch(r"(M[\d .-]+l[\d .-]+z)+", path_of(ISLANDS, frame_for((0.0, 0.0, 2.0, 2.0), 112)))


def test_area_too_small_to_be_seen_is_left_out() -> None:
    tiny = {"type": "Polygon", "coordinates": [[[1, 1], [1.00001, 1], [1.00001, 1.00001], [1, 1]]]}
    assert path_of(tiny, frame_for((0.0, 0.0, 50.0, 50.0), 100)) == ""


def test_broken_outline_draws_nothing() -> None:
    frame = frame_for((0.0, 0.0, 2.0, 2.0), 100)
    assert path_of({"type": "Point", "coordinates": [1, 1]}, frame) == ""


def test_where_picture_has_its_dot_inside() -> None:
    root = parsed(where_svg(SMALL, SQUARE, 1.0, 1.0, label='Where "A" & B lie'))
    assert root.attrib["aria-label"] == 'Where "A" & B lie'
    assert root.attrib["role"] == "img"
    dot = root.findall(f"{SVG}circle")[-1]
    assert (dot.attrib["cx"], round(float(dot.attrib["cy"]))) == ("110.0", 110)
    assert len(root.findall(f"{SVG}path")) == 2


def test_where_picture_without_outlines_is_empty() -> None:
    assert where_svg(None, None, 1.0, 1.0) == ""
    assert len(parsed(where_svg(SQUARE, None, None, None)).findall(f"{SVG}path")) == 1


def test_region_with_links_is_a_group_and_names_them() -> None:
    ground = ground_of([SQUARE])
    assert ground is not None
    area = Area(path_of(SMALL, ground.frame), "/en/x/?a=1&b=2", "<A>")
    root = parsed(region_svg(ground, [area], [Dot(1, 1, 4, "/y", "4 entries")], label="Map"))
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("group", "Map")
    links = root.findall(f".//{SVG}a")
    assert [(link.attrib["href"], link.findtext(f"{SVG}title")) for link in links] == [
        ("/en/x/?a=1&b=2", "<A>"),
        ("/y", "4 entries"),
    ]
    assert [text.text for text in root.iter(f"{SVG}text")] == ["4"]


def test_region_without_links_is_a_picture() -> None:
    ground = ground_of([SQUARE])
    assert ground is not None
    assert parsed(region_svg(ground, dots=[Dot(1, 1)], label="Map")).attrib["role"] == "img"
    assert ground_of([]) is None


@given(st.lists(st.tuples(st.floats(-170, 170), st.floats(-80, 80)), min_size=3, max_size=30))
def test_any_ring_becomes_a_path_or_nothing(ring: list[tuple[float, float]]) -> None:
    outline = {"type": "Polygon", "coordinates": [[list(point) for point in [*ring, ring[0]]]]}
    box = box_of([outline])
    assert box is not None
    path = path_of(outline, frame_for(box, 200), digits=1)
    assert path == "" or re.fullmatch(r"(M[\d .-]+l[\d .-]+z)+", path)

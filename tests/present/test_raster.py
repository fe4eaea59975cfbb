"""A drawing as PNG: the colours stand where the SVG has them, holes stay open, letters need no font of the system."""

import io

from PIL import Image

from khanij.present.vectors import raster

BODY = (
    '<rect width="100" height="60" fill="#ffffff"/>'
    '<path d="M10,10L50,10L50,50L10,50ZM20,20L20,40L40,40L40,20Z" fill="#ff0000"/>'
    '<path d="M60,10C60,10 90,10 90,10" fill="none" stroke="#0000ff" stroke-width="4" stroke-dasharray="10 10"/>'
    '<circle cx="75" cy="40" r="8" fill="#00ff00"/>'
)


def painted(body, size="100 60"):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}"><title>x</title>{body}</svg>'
    return Image.open(io.BytesIO(raster.png(svg)))


def test_colours_stand_where_the_drawing_has_them():
    image = painted(BODY)
    assert image.size == (200, 120)
    at = {
        spot: image.getpixel((2 * spot[0], 2 * spot[1])) for spot in ((15, 15), (30, 30), (75, 40), (65, 10), (75, 10))
    }
    assert list(at.values()) == [(255, 0, 0), (255, 255, 255), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


def test_words_are_there_in_any_font_and_a_style_is_heeded(monkeypatch):
    style = (
        "<style>.bar{fill:#0f5c6e}.bar.hollow{fill:none;stroke:#0f5c6e}text{font:11px sans-serif;fill:#1c2833}</style>"
    )
    body = style + '<rect class="bar hollow" x="10" y="10" width="30" height="30"/><text x="50" y="30">Côte – ₹</text>'
    for fonts in (raster.FONTS, ()):
        monkeypatch.setattr(raster, "FONTS", fonts)
        raster._font.cache_clear()
        image = painted(body)
        assert image.getpixel((50, 50)) == (255, 255, 255)
        assert image.crop((100, 20, 200, 70)).getextrema()[0][0] < 128
    raster._font.cache_clear()


def test_a_very_high_drawing_is_painted_more_coarsely_not_refused():
    assert painted("", "960 4000").size == (1920, 8000)
    assert painted("", "960 12000").size == (960, 12000)

"""The style sheet that follows from the brand's settings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from allmende.guide.brand import brand_tokens, current_brand
from allmende.guide.labels import hue_rules


def brand_css(request: HttpRequest) -> HttpResponse:
    """Colours and fonts of the brand, hues of the categories.  Its address carries a stamp, so it may be kept."""
    brand = current_brand()
    css = brand_tokens(brand.primary, brand.accent, brand.font) + hue_rules() + "\n"
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable" if request.META["QUERY_STRING"] else "no-cache"
    return response

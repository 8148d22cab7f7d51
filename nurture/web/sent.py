"""What a page's form was sent: text by name, whatever way the browser packed it."""

from __future__ import annotations

from starlette.requests import Request


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form (urlencoded or multipart), the last of each name; files are refused with 400."""
    form = await request.form(max_files=0, max_fields=200)
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}

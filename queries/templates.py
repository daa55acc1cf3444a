"""Renders the templates that lie beside the code: pages, pictures and the documents of an EPUB."""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from bookscore.queries.xml_text import allowed

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> Markup:
    """The document that a template makes of `values`.

    Parameters
    ----------
    template : str
        Path of the template from ``queries/``, such as ``report/report.html.j2``.
    **values : object
        What the template names. Text is escaped; `Markup` is not, so it may only be made of what this program
        wrote or cleaned itself.

    Returns
    -------
    Markup
        It is not escaped again in another template.

    Raises
    ------
    jinja2.UndefinedError
        The template names a value that is not there.
    """
    return Markup(_environment().get_template(template).render(values))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # which most commands need not wait for

    environment = Environment(
        loader=PackageLoader("bookscore.queries", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    # `tojson` writes <, >, & and ' as \u003c and so on: no text in it ends or opens a script or a comment.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment


def _printable(value: object) -> object:
    """A value without the control characters that XML cannot hold and that are errors in HTML."""
    if isinstance(value, Markup):
        return Markup(allowed(value))
    return allowed(value) if isinstance(value, str) else value

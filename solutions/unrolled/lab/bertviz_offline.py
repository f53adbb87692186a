"""Makes a page of bertviz's whole: it draws with the network cut off, and is the same every time.

bertviz's pages load d3 and jQuery from a content delivery network through require.js, and give themselves random ids.
Here both libraries are put into the page, from `assets/javascript/`, and ids come from the content.

Left out: what is drawn (`unrolled.lab.attention_view`).
"""

import hashlib
import re
from collections import Counter

from unrolled.lab.assets import asset

_views_made: Counter[str] = Counter()


def offline(page: str) -> str:
    """bertviz's page with d3 and jQuery inside, on a white card, and with an id that is the same every time."""
    body, script = re.search(
        r"^<script src=[^>]*></script>(.*?)<script[^>]*>(.*)</script>\s*$", page, re.S
    ).groups()
    # What names addresses in the network.
    script = re.sub(r"require\.config\(\{.*?\}\);", "", script, count=1, flags=re.S)
    script = f"""(() => {{
const libraries = {{}}, define = undefined;
const requirejs = (names, draw) => draw(...names.map(name => libraries[name]));
{_module("jquery", "jquery-3.7.1.slim.min.js")}
{_module("d3", "d3-5.16.0.min.js")}
{script}
}})();"""
    found = re.search(r"bertviz-[0-9a-f]{32}", body).group()
    content = hashlib.sha256((body + script).replace(found, "").encode()).hexdigest()[:16]
    _views_made[content] += 1  # the same view twice in one notebook needs two ids
    name = f"bertviz-{content}-{_views_made[content]}"
    # A token "</script>" must not end the script.
    script = script.replace(found, name).replace("</", "<\\/")
    card = '<div style="background: white; color: black; padding: 8px; overflow-x: auto">'
    # JupyterLab would squeeze a wide view, cutting it off below.
    whole = f"<style>#{name} svg {{ max-width: none }}</style>"
    return f"{card}{whole}{body.replace(found, name)}</div>\n<script>\n{script}\n</script>\n"


def _module(name: str, file: str) -> str:
    """A library in CommonJS form, run in a function of its own so that the page's globals stay as they are."""
    source = asset(f"javascript/{file}").read_text(encoding="utf-8")
    return (
        f"libraries.{name} = ((module, exports) => {{ {source}\nreturn module.exports; }})"
        "(...(module => [module, module.exports])({ exports: {} }));"
    )

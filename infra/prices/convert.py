#!/usr/bin/env python3
"""Turns a price survey into the price catalogue that Penstock ships.

    infra/prices/convert.py SURVEY.json policies/src/main/resources/penstock/prices.json

SURVEY.json has "meta" (date and sources) and "models"; a model has its majority prices in dollars
per million tokens (usd_per_mtok_in, _out, _cr, _cw) and what one source (genai) says, with context
tiers. Only facts are taken over: names, prices, windows, and where they came from.

Rules
* Every price is read from its JSON literal and written as a decimal string, never through binary
  floating point. Each must be exact in six decimals of $/M, so that one token costs a whole number
  of pico-dollars; anything else stops the script.
* Only one source states tiers. Where its base price is the majority price, its tier price is taken;
  otherwise the majority price is scaled by that source's ratio tier / base, rounded half up to six
  decimals, and the tier is marked "derived".
* The survey takes each column's majority by itself, which mixes an old price for cache writes with a
  new one for input where a price was cut between surveys. Where sources that state the chosen input
  price also state a cache write, theirs is taken.
* gpt-5.5 has OpenAI's long-context tier (over 272,000 input tokens the whole request costs twice the
  input price and one and a half times the output price), which the survey's source leaves out.
* Anthropic writes to its one-hour cache cost twice the input price; the survey has no column for
  it, so it is added where a cache write has a price, and "source" says so.
"""

import json
import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext

FINEST = Decimal("0.000001")
SOURCES = ("genai", "portkey", "litellm")
LONG_CONTEXT = {"gpt-5.5": (272_000, Decimal(2), Decimal("1.5"))}
PRICES = {"input": "in", "cache_read": "cr", "cache_write": "cw", "output": "out"}


def plain(price):
    """A price as it is written: no exponent, no trailing zeros; None stays None."""
    if price is None:
        return None
    if price < 0 or price != price.quantize(FINEST):
        sys.exit(f"the price {price} is not a whole number of pico-dollars per token")
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rates(provider, prices):
    """The five prices of a row or tier, in the order of the catalogue."""
    read, written = prices.get("input"), prices.get("cache_write")
    lasting = 2 * read if provider == "anthropic" and None not in (read, written) else None
    return {
        "input": plain(read),
        "cache_read": plain(prices.get("cache_read")),
        "cache_write": plain(written),
        "cache_write_long": plain(lasting),
        "output": plain(prices.get("output")),
    }


def scaled(price, base, tier):
    with localcontext() as context:
        context.prec = 50
        return (price * tier / base).quantize(FINEST, rounding=ROUND_HALF_UP)


def tiers_of(model, base):
    """The context tiers of a model, lowest threshold first."""
    stated = json.loads(model.get("genai_tiers") or "{}", parse_float=Decimal, parse_int=Decimal)
    thresholds = sorted({int(step["start"]) for steps in stated.values() for step in steps})
    tiers = []
    for threshold in thresholds:
        prices, derived = {}, False
        for name, column in PRICES.items():
            steps = [s for s in stated.get(column, []) if int(s["start"]) == threshold]
            if not steps or base[name] is None:
                continue
            price, reference = steps[0]["price"], model["genai_" + column]
            if reference != base[name]:
                price, derived = scaled(base[name], reference, price), True
            prices[name] = price
        tier = {"above_input_tokens": threshold, "usd_per_mtok": rates(model["provider"], prices)}
        tiers.append(tier | {"derived": True} if derived else tier)
    return tiers


def cache_write_of(model, base):
    """The cache write of the sources that state the chosen input price; else the majority's."""
    if base["cache_write"] is None:
        return None
    agreeing = {
        model[f"{source}_cw"]
        for source in SOURCES
        if model.get(f"{source}_in") == base["input"] and model.get(f"{source}_cw")
    }
    return agreeing.pop() if len(agreeing) == 1 else base["cache_write"]


def long_context_of(model, base):
    """The one tier that the survey leaves out."""
    if model["key"] not in LONG_CONTEXT:
        return []
    threshold, dearer_in, dearer_out = LONG_CONTEXT[model["key"]]
    prices = {
        name: price * (dearer_out if name == "output" else dearer_in)
        for name, price in base.items()
        if price is not None
    }
    tier = {"above_input_tokens": threshold, "usd_per_mtok": rates(model["provider"], prices)}
    return [tier | {"derived": True}]


def row_of(model, day):
    base = {name: model.get("usd_per_mtok_" + column) for name, column in PRICES.items()}
    base["cache_write"] = cache_write_of(model, base)
    prices = rates(model["provider"], base)
    source = f"majority of {model['n_sources']} sources"
    if prices["cache_write_long"] is not None:
        source += "; cache_write_long is twice the input price"
    return {
        "provider": model["provider"],
        "model": model["key"],
        "effective_from": f"{day}T00:00:00Z",
        "effective_to": None,
        "source": source,
        "usd_per_mtok": prices,
        "tiers": tiers_of(model, base) or long_context_of(model, base),
        "context_window": whole(model.get("context_window")),
        "max_output_tokens": whole(model.get("max_output_tokens")),
    }


def whole(count):
    return None if count is None else int(count)


def main(survey_path, catalogue_path):
    with open(survey_path, encoding="utf-8") as file:
        survey = json.load(file, parse_float=Decimal, parse_int=Decimal)
    day = survey["meta"]["asof"]
    rows = [row_of(model, day) for model in survey["models"]]
    rows.sort(key=lambda row: (row["provider"], row["model"]))
    names = [row["model"] for row in rows]
    if len(names) != len(set(names)):
        sys.exit("two rows have the same model name")
    sources = [
        {"name": s["name"], "commit": s["commit"].split()[0], "licence": s["licence"]}
        for s in survey["meta"]["sources"]
    ]
    lines = ",\n".join("    " + json.dumps(row) for row in rows)
    head = ",\n".join("    " + json.dumps(source) for source in sources)
    with open(catalogue_path, "w", encoding="utf-8") as file:
        file.write('{\n  "version": %s,\n' % json.dumps(day))
        file.write('  "sources": [\n%s\n  ],\n' % head)
        file.write('  "rows": [\n%s\n  ]\n}\n' % lines)
    print(f"{len(rows)} rows, {sum(1 for row in rows if row['tiers'])} of them with tiers")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])

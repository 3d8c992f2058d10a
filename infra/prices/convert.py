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
* What one source says of prices from a later date on becomes a row of its own from that date.
* Service tiers are rows within a row. The survey states batch prices for input and output; what it
  does not say is taken from what the provider states (stated.py): Anthropic halves everything,
  OpenAI gives no discount for cached input in a batch up to GPT-4.1, and half of it since GPT-5. A
  tier is marked "derived" where that rule was needed. Context tiers of a batch are half of the
  usual ones, and "derived".
* stated.py holds what else providers state: rows, windows by the time of day, regions and fees.
* Anthropic writes to its one-hour cache cost twice the input price; the survey has no column for
  it, so it is added where a cache write has a price, and "source" says so.
"""

import json
import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext

import stated

FINEST = Decimal("0.000001")
SOURCES = ("genai", "portkey", "litellm")
LONG_CONTEXT = {"gpt-5.5": (272_000, Decimal(2), Decimal("1.5"))}
EXTRA = ("service_tiers", "regions", "usd_per_1000")
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


def card(prices):
    """Prices as they are stated: input, cached, written, written for long, output."""
    names = ("input", "cache_read", "cache_write", "cache_write_long", "output")
    return {name: None if p is None else Decimal(p) for name, p in zip(names, prices)}


def times(prices, factor):
    return {name: None if p is None else p * factor for name, p in prices.items()}


def numbers(prices):
    """A card of the catalogue as numbers again."""
    return {name: None if p is None else Decimal(p) for name, p in prices.items()}


def written(prices):
    return {name: plain(price) for name, price in prices.items()}


def half_of_tiers(tiers, batch):
    """Context tiers of a batch; without a discount for what is cached where the batch has none."""
    return [
        {
            "above_input_tokens": tier["above_input_tokens"],
            "usd_per_mtok": {
                name: price if batch[name] is not None else None
                for name, price in written(
                    times(numbers(tier["usd_per_mtok"]), Decimal("0.5"))
                ).items()
            },
            "derived": True,
        }
        for tier in tiers
    ]


def batch_of(row, stated_in, stated_out):
    """The batch prices of a row; None where nobody states any."""
    usual = numbers(row["usd_per_mtok"])
    half = times(usual, Decimal("0.5"))
    if row["provider"] in stated.HALF_OF_EVERYTHING:
        source, prices, derived = "half of every price for tokens", half, False
    elif stated_in is None:
        return None
    else:
        source, prices, derived = "stated batch prices", dict.fromkeys(usual), False
        cached = row["provider"] == "openai" and not row["model"].startswith(stated.NO_CACHED_BATCH)
        for name in ("cache_read", "cache_write") if cached else ():
            if half[name] is not None:
                prices[name], derived = half[name], True
        if derived:
            source += "; half for what is cached"
        prices["input"], prices["output"] = stated_in, stated_out
    tier = {"source": source, "usd_per_mtok": written(prices)}
    if row["tiers"]:
        tier["tiers"] = half_of_tiers(row["tiers"], prices)
    return tier | {"derived": True} if derived else tier


def service_tiers_of(row, batch_in, batch_out):
    tiers = {}
    batch = batch_of(row, batch_in, batch_out)
    if batch:
        tiers["batch"] = batch
    if row["provider"] in stated.FLEX_AT_THE_USUAL_PRICE:
        tiers["flex"] = {"source": "no cheaper than usual", "usd_per_mtok": row["usd_per_mtok"]}
    for name, said in stated.SERVICE_TIERS.get(row["model"], {}).items():
        usual = numbers(row["usd_per_mtok"])
        prices = card(said["prices"]) if "prices" in said else times(usual, Decimal(said["times"]))
        tier = {"source": said["source"], "usd_per_mtok": written(prices)}
        if name == "batch" and row["tiers"]:
            tier["tiers"] = half_of_tiers(row["tiers"], prices)
        tiers[name] = tier | {"derived": True} if said.get("derived") else tier
    return tiers


def finished(row, batch_in=None, batch_out=None):
    """A row with what is stated of its model beside the usual prices."""
    extra = {
        "service_tiers": service_tiers_of(row, batch_in, batch_out),
        "regions": stated.REGIONS.get(row["model"]),
        "usd_per_1000": (
            {"web_search": stated.WEB_SEARCH[row["provider"]]}
            if row["provider"] in stated.WEB_SEARCH
            else None
        ),
    }
    return row | {name: said for name, said in extra.items() if said}


def row_of(model, day):
    base = {name: model.get("usd_per_mtok_" + column) for name, column in PRICES.items()}
    base["cache_write"] = cache_write_of(model, base)
    prices = rates(model["provider"], base)
    source = f"majority of {model['n_sources']} sources"
    if prices["cache_write_long"] is not None:
        source += "; cache_write_long is twice the input price"
    row = {
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
    if model["key"] in stated.REPLACED:
        row |= replaced(stated.REPLACED[model["key"]])
    return finished(row, model.get("usd_per_mtok_batch_in"), model.get("usd_per_mtok_batch_out"))


def replaced(said):
    windows = []
    for window in said["windows"]:
        dearer = times(card(said["prices"]), Decimal(window["times"]))
        when = {name: part for name, part in window.items() if name != "times"}
        windows.append(when | {"usd_per_mtok": present(dearer)})
    return {
        "effective_from": f"{said['from']}T00:00:00Z",
        "source": said["source"],
        "usd_per_mtok": written(card(said["prices"])),
        "windows": windows,
    }


def present(prices):
    return {name: plain(price) for name, price in prices.items() if price is not None}


def later_rows_of(model, row, day):
    """Prices that one source already states for a date to come."""
    rows = []
    conditions = json.loads(
        model.get("genai_conditions") or "[]", parse_float=Decimal, parse_int=Decimal
    )
    for condition in conditions:
        start = (condition["constraint"] or {}).get("start_date")
        if start is None or start <= day:
            continue
        said = condition["prices"]
        base = {
            "input": said["input_mtok"],
            "cache_read": said.get("cache_read_mtok"),
            "cache_write": said.get("cache_write_mtok"),
            "output": said["output_mtok"],
        }
        later = {name: part for name, part in row.items() if name not in EXTRA} | {
            "effective_from": f"{start}T00:00:00Z",
            "source": "announced, as one source says",
            "usd_per_mtok": rates(model["provider"], base),
            "tiers": [],
        }
        rows.append(finished(later))
    return rows


def stated_row(said):
    base = card(said["prices"])
    tiers = []
    for threshold, changes in said["tiers"].items():
        prices = {
            name: base[name] * Decimal(change[1:]) if change.startswith("*") else Decimal(change)
            for name, change in changes.items()
            if base[name] is not None
        }
        tiers.append({"above_input_tokens": threshold, "usd_per_mtok": present(prices)})
    row = {
        "provider": said["provider"],
        "model": said["model"],
        "effective_from": f"{said['from']}T00:00:00Z",
        "effective_to": f"{said['to']}T00:00:00Z" if "to" in said else None,
        "source": said["source"],
        "usd_per_mtok": written(base),
        "tiers": tiers,
        "context_window": said.get("context_window"),
        "max_output_tokens": None,
    }
    return finished(row)


def whole(count):
    return None if count is None else int(count)


def main(survey_path, catalogue_path):
    with open(survey_path, encoding="utf-8") as file:
        survey = json.load(file, parse_float=Decimal, parse_int=Decimal)
    day = survey["meta"]["asof"]
    rows = [stated_row(said) for said in stated.ROWS]
    for model in survey["models"]:
        row = row_of(model, day)
        rows += [row] + later_rows_of(model, row, day)
    rows.sort(key=lambda row: (row["provider"], row["model"], row["effective_from"]))
    names = [(row["model"], row["effective_from"]) for row in rows]
    sellers = {row["model"]: row["provider"] for row in rows}
    if len(names) != len(set(names)) or any(sellers[r["model"]] != r["provider"] for r in rows):
        sys.exit("two rows are of the same model and day, or two providers sell one model")
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

"""What providers state and the survey leaves out, as data. Prices in $ per million tokens.

Every entry names where it comes from ("source" ends up in the price file). "derived" marks what was
worked out from another statement, a multiple say: bills by it carry the note price_derived.
"""

# Rows that the survey does not have. OpenAI's documentation of July; DeepSeek's prices by the time
# of day, since 2026-08-16; Anthropic's models of October, which are secondary copies so far.
ROWS = [
    {
        "provider": "openai",
        "model": model,
        "from": "2026-07-15",
        "to": "2026-08-22",
        "source": "OpenAI's documentation, copy of 2026-07-15",
        "prices": prices,
        "tiers": {272_000: {"input": "*2", "cache_read": "*2", "cache_write": "*2", "output": "*1.5"}},
        "regions": {"eu": "11/10", "us": "11/10"},
        "context_window": 1_050_000,
    }
    for model, prices in {
        "gpt-5.6-sol": ("5", ".5", "6.25", None, "30"),
        "gpt-5.6-terra": ("2.5", ".25", "3.125", None, "15"),
        "gpt-5.6-luna": ("1", ".1", "1.25", None, "6"),
    }.items()
] + [
    {
        "provider": "anthropic",
        "model": model,
        "from": "2026-10-01",
        "source": "secondary copies of Anthropic's prices of October 2026, not confirmed",
        "prices": prices,
        "tiers": tiers,
    }
    for model, prices, tiers in [
        (
            "claude-haiku-5-5",
            (".10", ".01", ".125", ".20", ".50"),
            {100_000: {"input": ".50", "output": "2.50"}},
        ),
        ("claude-sonnet-5-5", ("2", ".10", "2.5", "4", "10"), {}),
        ("claude-opus-5-5", ("4", ".20", "5", "8", "20"), {}),
        ("claude-fable-5-1", ("10", ".25", "12.5", "20", "50"), {}),
    ]
]

# Rows of the survey that a later statement replaces: base prices are those off-peak.
REPLACED = {
    model: {
        "from": "2026-08-16",
        "source": "DeepSeek's prices since 2026-08-16, secondary copy; the peak costs twice as much",
        "prices": prices,
        "windows": [
            {
                "hours_utc": ["01:00-04:00", "06:00-10:00"],
                "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                # Public holidays in China that fall on such days.
                "except": [
                    "2026-09-25",
                    "2026-10-01",
                    "2026-10-02",
                    "2026-10-05",
                    "2026-10-06",
                    "2026-10-07",
                    "2027-01-01",
                ],
                "times": "2",
            }
        ],
    }
    for model, prices in {
        "deepseek-v4-flash": (".15", ".003", None, None, ".60"),
        "deepseek-v4-pro": (".66", ".022", None, None, "1.98"),
    }.items()
}

# Service tiers that are stated apart from the survey's batch prices.
SERVICE_TIERS = {
    "gpt-5-mini": {
        "flex": {"source": "OpenAI's flex prices", "prices": (".125", ".0125", None, None, "1")},
        "priority": {"source": "1.8 times the usual price", "times": "1.8", "derived": True},
    },
    "gpt-5.5": {
        "priority": {"source": "2.5 times the usual price", "times": "2.5", "derived": True},
    },
    "gpt-5.4": {
        "batch": {
            "source": "cached input as stated (.13, not half of .25); the rest is half",
            "prices": ("1.25", ".13", None, None, "7.5"),
            "derived": True,
        },
    },
    "o4-mini": {
        "flex": {
            "source": "cached input as stated for flex (.138); the rest is the batch price",
            "prices": (".55", ".138", None, None, "2.2"),
        },
    },
}

# Anthropic's batches: half of all token prices, the prompt cache's included.
HALF_OF_EVERYTHING = {"anthropic"}
# OpenAI's batches have no discount for cached input on models up to these.
NO_CACHED_BATCH = ("gpt-4", "o3", "o4")
# Flex that is slower and not cheaper.
FLEX_AT_THE_USUAL_PRICE = {"groq"}

# Fees by the thousand.
WEB_SEARCH = {"anthropic": "10"}

# What a region adds: OpenAI's models released since 2026-03-05, and Anthropic's inference_geo.
REGIONS = {
    **{
        model: {"eu": "11/10", "us": "11/10"}
        for model in [
            "gpt-5.4",
            "gpt-5.4-mini",
            "gpt-5.4-nano",
            "gpt-5.5",
            "gpt-5.6-sol",
            "gpt-5.6-terra",
            "gpt-5.6-luna",
        ]
    },
    **{
        model: {"us": "11/10"}
        for model in [
            "claude-opus-4-8",
            "claude-fable-5",
            "claude-haiku-5-5",
            "claude-sonnet-5-5",
            "claude-opus-5-5",
            "claude-fable-5-1",
        ]
    },
}

package io.penstock.ingress.ledger;

import java.util.SortedMap;

/** The ledger by one breakdown, and in total; both of one moment. */
public record Report(SortedMap<String, Sum> rows, Sum total) {}

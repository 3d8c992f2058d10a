package io.penstock.infra.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;

/** The simulator's own count. */
record SimulatorStats(long calls, BigInteger cost, BigInteger undelivered) {

  static SimulatorStats of(int port) {
    URI url = URI.create("http://127.0.0.1:" + port + "/admin/stats");
    try (InputStream body = url.toURL().openStream()) {
      JsonNode stats = new ObjectMapper().readTree(body);
      return new SimulatorStats(
          stats.path("calls").asLong(),
          pico(stats, "cost_usd"),
          pico(stats, "undelivered_cost_usd"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BigInteger pico(JsonNode stats, String field) {
    return BigInteger.valueOf(Money.parse(stats.path(field).asText()).pico());
  }
}

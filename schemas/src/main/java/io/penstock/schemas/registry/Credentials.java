package io.penstock.schemas.registry;

import io.penstock.schemas.Secret;

/** Who asks, for HTTP basic authentication. */
public record Credentials(String user, Secret password) {
  public Credentials {
    if (user.isEmpty() || user.contains(":")) {
      throw new IllegalArgumentException("a user name must not be empty or contain a colon");
    }
  }
}

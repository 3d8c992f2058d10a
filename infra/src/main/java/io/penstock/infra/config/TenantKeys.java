package io.penstock.infra.config;

import io.penstock.schemas.Secret;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads {@code key=tenant,key=tenant}. Nothing of it is ever part of a message. */
final class TenantKeys {
  private static final String WRITE = "write key=tenant,key=tenant";

  private TenantKeys() {}

  static Map<Secret, String> read(Reader read, Problems problems) {
    var keys = new LinkedHashMap<Secret, String>();
    read.text(Setting.API_KEYS).ifPresent(text -> read(text, keys, problems));
    return keys;
  }

  private static void read(String text, Map<Secret, String> keys, Problems problems) {
    for (String pair : text.split(",", -1)) {
      int equals = pair.lastIndexOf('=');
      String key = pair.substring(0, Math.max(0, equals)).strip();
      String tenant = pair.substring(equals + 1).strip();
      if (key.isEmpty() && tenant.isEmpty() && equals < 0) {
        continue; // nothing between or after commas
      }
      if (key.isEmpty() || tenant.isEmpty()) {
        problems.add(Setting.API_KEYS, WRITE + "; neither may be blank");
      } else if (keys.putIfAbsent(new Secret(key), tenant) != null) {
        problems.add(Setting.API_KEYS, "it holds one key twice; every key has one tenant");
      }
    }
    if (keys.isEmpty()) { // else nobody would need a key, by a slip
      problems.add(Setting.API_KEYS, WRITE + ", or do not set it when nobody needs a key");
    }
  }
}

package io.penstock.policies.admit;

import java.util.List;

/** Who speaks in a conversation. */
final class Roles {
  static final String SYSTEM = "system";
  static final String DEVELOPER = "developer";
  static final String USER = "user";
  static final String ASSISTANT = "assistant";
  static final String TOOL = "tool";

  static final List<String> ALL = List.of(SYSTEM, DEVELOPER, USER, ASSISTANT, TOOL);

  private Roles() {}
}

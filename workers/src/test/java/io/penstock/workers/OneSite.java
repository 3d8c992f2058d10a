package io.penstock.workers;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands all test classes the same {@link Plant.Site}, which is closed after the last of them, and
 * has them await things for as long as a slow machine may need.
 */
final class OneSite implements ParameterResolver {
  private static final ExtensionContext.Namespace HERE =
      ExtensionContext.Namespace.create(OneSite.class);

  /** Within what time anything happens that happens at all. */
  static final Duration SOON = Duration.ofSeconds(60);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Plant.Site.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Awaitility.setDefaultTimeout(SOON);
    return context
        .getRoot()
        .getStore(HERE)
        .computeIfAbsent(Plant.Site.class, type -> Plant.Site.open());
  }
}

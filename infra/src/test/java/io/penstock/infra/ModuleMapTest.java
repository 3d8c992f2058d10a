package io.penstock.infra;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which module may use which. Think hard before changing this file: it is the map of the house. */
final class ModuleMapTest {
  private static final String ROOT = "io.penstock.";

  /** Module to the modules it may use, beside itself. */
  private static final Map<String, Set<String>> MAP =
      Map.of(
          "schemas", Set.of(),
          "policies", Set.of("schemas"),
          "embedded", Set.of("schemas"),
          "client", Set.of("schemas", "policies"),
          "topology", Set.of("schemas", "policies"),
          "workers", Set.of("schemas", "policies"),
          "ingress", Set.of("schemas", "policies", "client"),
          "replay", Set.of("schemas"));

  private static final JavaClasses PRODUCTION =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.penstock");

  @TestFactory
  Stream<DynamicTest> siblingsMeetOnlyThroughTopics() {
    return MAP.entrySet().stream()
        .map(module ->
            DynamicTest.dynamicTest(
                module.getKey() + " uses only " + module.getValue(),
                () -> usesOnly(module.getKey(), module.getValue())));
  }

  private static void usesOnly(String module, Set<String> allowed) {
    String[] others =
        Stream.concat(MAP.keySet().stream(), Stream.of("infra"))
            .filter(other -> !other.equals(module) && !allowed.contains(other))
            .map(other -> ROOT + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .because("see docs/architecture.md")
        .check(PRODUCTION);
  }

  @Test
  void theMapNamesEveryModuleThereIs() {
    classes()
        .should()
        .resideInAnyPackage(
            Stream.concat(MAP.keySet().stream(), Stream.of("infra"))
                .map(module -> ROOT + module + "..")
                .toArray(String[]::new))
        .check(PRODUCTION);
  }

  @Test
  void policiesArePure() {
    noClasses()
        .that()
        .resideInAPackage("io.penstock.policies..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..", "okhttp3..", "java.net..", "io.micrometer..", "org.slf4j..")
        .because("a decision is a function of (request, state, now)")
        .check(PRODUCTION);
  }

  @Test
  void theClientUsesNoPolicyButTheFingerprint() {
    noClasses()
        .that()
        .resideInAPackage("io.penstock.client..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.penstock.policies.admit..",
            "io.penstock.policies.calling..",
            "io.penstock.policies.coalesce..",
            "io.penstock.policies.cost..",
            "io.penstock.policies.exactcache..",
            "io.penstock.policies.route..")
        .because(
            "docs/decisions/0003: the client sets the key that saves a hop, and decides nothing")
        .check(PRODUCTION);
  }

  @Test
  void theSimulatorSharesNoArithmeticWithTheLedger() {
    noClasses()
        .that()
        .resideInAPackage("io.penstock.embedded.simulator..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.penstock.policies..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.penstock.schemas.Money")
        .because("two counts that share code prove nothing to each other")
        .check(PRODUCTION);
  }

  @TestFactory
  Stream<DynamicTest> noPackageCycles() {
    return MAP.keySet().stream()
        .map(module ->
            DynamicTest.dynamicTest(
                module,
                () ->
                    slices()
                        .matching(ROOT + module + ".(*)..")
                        .should()
                        .beFreeOfCycles()
                        .allowEmptyShould(true)
                        .check(PRODUCTION)));
  }
}

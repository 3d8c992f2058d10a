/**
 * One tree of settings, read once in {@code main}: defaults, then {@code penstock.yaml}, then the
 * environment, then the command line, the later winning.
 */
@NullMarked
package io.penstock.infra.config;

import org.jspecify.annotations.NullMarked;

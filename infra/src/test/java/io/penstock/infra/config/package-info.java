/** Where settings come from, and what is said when they are wrong. */
@NullMarked
package io.penstock.infra.config;

import org.jspecify.annotations.NullMarked;

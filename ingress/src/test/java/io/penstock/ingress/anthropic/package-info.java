@NullMarked
package io.penstock.ingress.anthropic;

import org.jspecify.annotations.NullMarked;

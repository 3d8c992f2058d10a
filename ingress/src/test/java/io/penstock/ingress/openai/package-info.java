@NullMarked
package io.penstock.ingress.openai;

import org.jspecify.annotations.NullMarked;

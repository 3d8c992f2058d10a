@NullMarked
package io.penstock.ingress.json;

import org.jspecify.annotations.NullMarked;

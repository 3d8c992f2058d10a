@NullMarked
package io.penstock.ingress.view;

import org.jspecify.annotations.NullMarked;

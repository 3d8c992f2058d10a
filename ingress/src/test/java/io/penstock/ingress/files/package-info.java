@NullMarked
package io.penstock.ingress.files;

import org.jspecify.annotations.NullMarked;

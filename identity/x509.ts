// The X.509 library, and what it asks to be loaded before it.
import "reflect-metadata";

export * from "@peculiar/x509";

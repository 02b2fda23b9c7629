// The versions of MQTT that are spoken, as a CONNECT has them: 3.1.1, and 5.0.

export type Version = 4 | 5;

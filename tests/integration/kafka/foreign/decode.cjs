// Values of our topics on standard input, one in base64 a line; on standard output what the library makes of each, as JSON.
// Its first argument is the registry's address. What JSON has no form for is marked: {"decimal": "1.5"}, {"long": "7"}, {"bytes": base64}.
const readline = require("node:readline");
const avro = require("avsc");
const { SchemaRegistry, SchemaType } = require("@kafkajs/confluent-schema-registry");

// Avro's library leaves both to its users: decimals, and integers that a double cannot hold.
class Decimal extends avro.types.LogicalType {
  _fromValue(bytes) {
    const unscaled = bytes.length ? BigInt.asIntN(8 * bytes.length, BigInt("0x" + bytes.toString("hex"))) : 0n;
    const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(this.scale + 1, "0");
    return { decimal: `${unscaled < 0n ? "-" : ""}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}` };
  }
  constructor(schema, options) {
    super(schema, options);
    this.scale = schema.scale;
  }
}
const long = avro.types.LongType.__with({
  fromBuffer: (buffer) => buffer.readBigInt64LE(),
  toBuffer: (value) => { const buffer = Buffer.alloc(8); buffer.writeBigInt64LE(value); return buffer; },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value) => typeof value === "bigint",
  compare: (one, other) => (one === other ? 0 : one < other ? -1 : 1),
});

const registry = new SchemaRegistry(
  { host: process.argv[2] },
  { [SchemaType.AVRO]: { logicalTypes: { decimal: Decimal }, typeHook: (schema) => (schema === "long" || schema.type === "long" ? long : undefined) } },
);
const marked = (key, value) => {
  if (typeof value === "bigint") return { long: value.toString() };
  if (value && value.type === "Buffer") return { bytes: Buffer.from(value.data).toString("base64") };
  return value;
};

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      console.log(JSON.stringify({ value: await registry.decode(Buffer.from(line, "base64")) }, marked));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error) }));
    }
  }
})();

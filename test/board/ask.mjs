// Asks the running daemon over its control socket: node ask.mjs NAME [JSON]; prints the answer as JSON.
const { connectControl } = await import(new URL("../../dist/cli/control-client.js", import.meta.url).href);
const daemon = await connectControl("/var/lib/lintel");
const [name, data = "{}"] = process.argv.slice(2);
console.log(JSON.stringify(await daemon?.request(name, JSON.parse(data))));
daemon?.close();

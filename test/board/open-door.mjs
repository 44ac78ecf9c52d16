// Asks the running daemon to open the door: node open-door.mjs SECONDS
const { connectControl } = await import(new URL("../../dist/cli/control-client.js", import.meta.url).href);
const daemon = await connectControl("/var/lib/lintel");
console.log("door/unlock:", JSON.stringify(await daemon?.request("door/unlock", { seconds: Number(process.argv[2]) })));
daemon?.close();

import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { HomeAssistantAnnouncer } from "../../../../src/daemon/mqtt/home-assistant/announcer.ts";
import type { AnnouncedDoor } from "../../../../src/daemon/mqtt/home-assistant/components.ts";
import { discoveryPayload } from "../../../../src/daemon/mqtt/home-assistant/discovery.ts";
import type { MqttMessage, MqttSession } from "../../../../src/daemon/mqtt/session.ts";
import { topicsOf } from "../../../../src/daemon/mqtt/topics.ts";
import { findRequest } from "../../../../src/daemon/requests/table.ts";
import type { Discovery } from "../../../support/home-assistant.ts";

/** Keys that the documentation of the integration lists, for every platform and for each of ours. */
const common = [
  ...["platform", "unique_id", "name", "default_entity_id", "icon", "entity_category", "enabled_by_default", "qos"],
  ...["availability", "availability_topic", "availability_mode", "availability_template", "payload_available"],
  ...["payload_not_available", "json_attributes_topic", "json_attributes_template", "encoding", "entity_picture"],
];
const permitted: Readonly<Record<string, readonly string[]>> = {
  lock: [
    ...["command_topic", "command_template", "code_format", "optimistic", "payload_lock", "payload_unlock"],
    ...["payload_open", "payload_reset", "retain", "state_topic", "state_locked", "state_unlocked", "state_jammed"],
    ...["state_locking", "state_unlocking", "value_template"],
  ],
  binary_sensor: [
    ...["device_class", "expire_after", "force_update", "off_delay", "payload_on", "payload_off", "state_topic"],
    "value_template",
  ],
  sensor: [
    ...["device_class", "expire_after", "force_update", "last_reset_value_template", "options", "state_class"],
    ...["state_topic", "suggested_display_precision", "unit_of_measurement", "value_template"],
  ],
  event: ["device_class", "event_types", "state_topic", "value_template"],
  image: ["content_type", "image_encoding", "image_topic", "url_template", "url_topic"],
  button: ["command_topic", "command_template", "device_class", "payload_press", "retain"],
  select: ["command_topic", "command_template", "optimistic", "options", "retain", "state_topic", "value_template"],
};
const required: Readonly<Record<string, readonly string[]>> = {
  lock: ["command_topic"],
  binary_sensor: ["state_topic"],
  sensor: ["state_topic"],
  event: ["state_topic", "event_types"],
  image: ["image_topic"],
  button: ["command_topic"],
  select: ["command_topic", "options"],
};
const deviceClasses: Readonly<Record<string, readonly string[]>> = {
  binary_sensor: ["door", "tamper", "problem", "connectivity"],
  sensor: ["enum"],
  button: ["restart"],
};

const topics = topicsOf("front");
const full: AnnouncedDoor = {
  ...{ topics, isControllable: true, hasContact: true, hasTamperSwitch: true, hasPicture: true },
};
const bare: AnnouncedDoor = {
  ...{ topics, isControllable: false, hasContact: false, hasTamperSwitch: false, hasPicture: false },
};
const announce = (door: AnnouncedDoor) =>
  discoveryPayload({ ...door, doorId: "front", version: "1.2.3" }) as unknown as Discovery;
const present = (door: AnnouncedDoor) =>
  Object.entries(announce(door).components).filter(([, component]) => Object.keys(component).length > 1);

test.each(present(full))("%s has only keys that Home Assistant documents, and those it needs", (_id, component) => {
  const keys = [...common, ...(permitted[component.platform] ?? [])];
  expect(Object.keys(component).filter((key) => !keys.includes(key))).toEqual([]);
  expect((required[component.platform] ?? ["?"]).filter((key) => !(key in component))).toEqual([]);
  const classes: unknown[] = [undefined, ...(deviceClasses[component.platform] ?? [])];
  expect(classes).toContain(component.device_class);
  expect([undefined, "config", "diagnostic"]).toContain(component.entity_category);
});

test("the device names itself, its origin and its availability as the device form wants it", () => {
  const { device, origin, availability, ...rest } = announce(full);
  expect(device).toMatchObject({ identifiers: ["lintel_front"], manufacturer: "Lintel", sw_version: "1.2.3" });
  expect(origin).toEqual({ name: "Lintel", sw_version: "1.2.3" });
  expect(availability).toEqual([{ topic: "lintel/front/availability", value_template: "{{ value_json.state }}" }]);
  expect(Object.keys(rest)).toEqual(["components"]);
});

test("every entity has an id of its own that survives an upgrade", () => {
  const ids = present(full).map(([, component]) => component.unique_id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain("lintel_front_lock");
});

test("a lock is never optimistic, never retained, and not known until the door has said so", () => {
  expect(announce(full).components.lock).toMatchObject({
    ...{ optimistic: false, retain: false, state_topic: "lintel/front/state", payload_reset: "unknown" },
  });
});

test("nothing that a user can press is retained, and all of it goes to a request that is served", () => {
  const commands = present(full).filter(([, component]) => "command_topic" in component);
  expect(commands.length).toBeGreaterThan(4);
  for (const [, component] of commands) {
    expect(component.retain).toBe(false);
    expect(findRequest(topics.requestName(String(component.command_topic)) ?? "")).toBeDefined();
  }
});

test("what changes the mode or restarts the door is off until an administrator of Home Assistant switches it on", () => {
  for (const id of ["set_mode", "restart"]) {
    expect(announce(full).components[id]).toMatchObject({ enabled_by_default: false, entity_category: "config" });
  }
});

test("where requests are signed or not served there are sensors only", () => {
  const platforms = new Set(present({ ...full, isControllable: false }).map(([, component]) => component.platform));
  expect([...platforms].sort()).toEqual(["binary_sensor", "event", "image", "sensor"]);
});

test("what a door has not is named by its platform alone, which removes it", () => {
  const { components } = announce(bare);
  expect(Object.keys(components)).toEqual(Object.keys(announce(full).components));
  expect(components.contact).toEqual({ platform: "binary_sensor" });
  expect(components.picture).toEqual({ platform: "image" });
  expect(components.lock).toEqual({ platform: "lock" });
});

class Session implements MqttSession {
  readonly protocolVersion = 5;
  readonly receiveMaximum = 10;
  readonly published: { topic: string; payload: string; isRetained: boolean | undefined }[] = [];
  readonly subscribed: string[] = [];
  async publish(topic: string, payload: string | Uint8Array, options: { isRetained?: boolean } = {}): Promise<void> {
    this.published.push({ topic, payload: String(payload), isRetained: options.isRetained });
  }
  async subscribe(filter: string): Promise<void> {
    this.subscribed.push(filter);
  }
}

function open(config: { enabled: boolean; prefix?: string }, note = { text: "" }) {
  const delayed: (() => void)[] = [];
  const announcer = new HomeAssistantAnnouncer({
    config: { prefix: "homeassistant", ...config },
    announcement: { ...full, doorId: "front", version: "1.2.3" },
    announcedOn: {
      get: () => note.text,
      set: (text) => {
        note.text = text;
      },
    },
    timers: {
      after: (_ms, run) => {
        delayed.push(run);
        return () => void delayed.splice(delayed.indexOf(run), 1);
      },
    },
    random: () => 0.5,
    logger: silentLogger,
  });
  return { announcer, note, delayed, session: new Session() };
}

function message(topic: string, text: string, isRetained = false): MqttMessage {
  return {
    ...{ topic, payload: Buffer.from(text), isRetained, isDuplicate: false },
    ...{ responseTopic: undefined, correlationData: undefined, expiresInMs: undefined },
  };
}

test("a door that was never announced says nothing to Home Assistant while that is off", async () => {
  const { announcer, session } = open({ enabled: false });
  await announcer.connected(session);
  announcer.message(message("homeassistant/status", "online"));
  expect([session.published, session.subscribed]).toEqual([[], []]);
});

test("switched off, the announcement is taken back once, also after a restart", async () => {
  const { announcer, session, note } = open({ enabled: false }, { text: "homeassistant/device/lintel_front/config" });
  await announcer.connected(session);
  await announcer.connected(session);
  expect(session.published).toEqual([
    { topic: "homeassistant/device/lintel_front/config", payload: "", isRetained: true },
  ]);
  expect(note.text).toBe("");
});

test("under another prefix or name the door is taken back where it was", async () => {
  const note = { text: "ha/device/lintel_old/config" };
  const { announcer, session } = open({ enabled: true }, note);
  await announcer.connected(session);
  expect(session.published.map(({ topic, payload }) => [topic, payload === ""])).toEqual([
    ["ha/device/lintel_old/config", true],
    ["homeassistant/device/lintel_front/config", false],
  ]);
  expect(note.text).toBe("homeassistant/device/lintel_front/config");
});

test("the birth message brings one announcement, however often it is said; a retained one and other words bring none", async () => {
  const { announcer, session, delayed } = open({ enabled: true });
  await announcer.connected(session);
  expect(session.subscribed).toEqual(["homeassistant/status"]);
  announcer.message(message("homeassistant/status", "online", true));
  announcer.message(message("homeassistant/status", "offline"));
  announcer.message(message("other/status", "online"));
  expect(delayed).toHaveLength(0);
  for (let i = 0; i < 5; i++) announcer.message(message("homeassistant/status", "online"));
  expect(delayed).toHaveLength(1);
  delayed[0]?.();
  expect(session.published).toHaveLength(2);
  announcer.message(message("homeassistant/status", "online"));
  announcer.lost();
  expect(delayed).toHaveLength(1);
});

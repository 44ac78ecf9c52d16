import { eventTypes } from "../../api.ts";
import type { Topics } from "../topics.ts";

/** What a door is announced with. */
export interface AnnouncedDoor {
  readonly topics: Topics;
  /** Whether Home Assistant may send requests: they are not signed and served over this connection. */
  readonly isControllable: boolean;
  readonly hasContact: boolean;
  readonly hasTamperSwitch: boolean;
  /** Whether pictures are painted for the lobby. */
  readonly hasPicture: boolean;
}

/** One entity in the words of Home Assistant's MQTT integration. */
export interface Component {
  readonly platform: "binary_sensor" | "button" | "event" | "image" | "lock" | "select" | "sensor";
  readonly [key: string]: unknown;
}

interface Row {
  readonly id: string;
  readonly isThere: boolean;
  readonly component: Component;
}

const modes = ["normal", "passage", "lockdown"];
const diagnostic = { entity_category: "diagnostic" };
/** For whoever administers Home Assistant: there, and used only once an administrator switches it on. */
const administration = { entity_category: "config", enabled_by_default: false };

/**
 * Every entity a door can have, those it has and those it has not. Values are taken from the door's own topics by the
 * simplest templates; `None` is Home Assistant's word for "not known".
 */
export function componentRows(door: AnnouncedDoor): readonly Row[] {
  return [...lockRows(door), ...alarmRows(door), ...eventRows(door), ...healthRows(door), ...otherRows(door)];
}

// --- internal ---

/** The lock says what was read back from the chip and never what was asked for; opening is an impulse, not a state. */
function lockRows({ topics, isControllable, hasContact }: AnnouncedDoor): Row[] {
  const unlock = JSON.stringify({ action: "unlock" });
  const lock: Component = {
    ...{ platform: "lock", name: null, state_topic: topics.state, value_template: "{{ value_json.lock }}" },
    ...{ state_locked: "locked", state_unlocked: "unlocked", payload_reset: "unknown" },
    ...{ command_topic: topics.requestTopic("door/command"), payload_lock: JSON.stringify({ action: "lock" }) },
    ...{ payload_unlock: unlock, payload_open: unlock, optimistic: false, retain: false, qos: 1 },
  };
  const mode = { state_topic: topics.state, value_template: "{{ value_json.mode }}", options: modes };
  return [
    { id: "lock", isThere: isControllable, component: lock },
    {
      id: "lock_state",
      isThere: !isControllable,
      component: {
        ...{ platform: "sensor", name: "Lock", icon: "mdi:lock", device_class: "enum" },
        ...{ options: ["locked", "unlocked"], state_topic: topics.state },
        value_template: "{{ value_json.lock | replace('unknown', 'None') }}",
      },
    },
    {
      id: "contact",
      isThere: hasContact,
      component: {
        ...{ platform: "binary_sensor", name: "Door", device_class: "door", payload_on: "open", payload_off: "closed" },
        state_topic: topics.state,
        value_template: "{{ value_json.contact | replace('unknown', 'None') }}",
      },
    },
    {
      id: "mode",
      isThere: true,
      component: { platform: "sensor", name: "Mode", device_class: "enum", icon: "mdi:door", ...mode },
    },
    {
      id: "set_mode",
      isThere: isControllable,
      component: {
        ...{ platform: "select", name: "Set mode", icon: "mdi:door", ...administration, ...mode },
        command_topic: topics.requestTopic("door/mode"),
        command_template: '{"mode":"{{ value }}"}',
        ...{ optimistic: false, retain: false, qos: 1 },
      },
    },
  ];
}

function alarmRows({ topics, isControllable, hasContact, hasTamperSwitch }: AnnouncedDoor): Row[] {
  const alarms = [
    { alarm: "forced", name: "Forced open", device_class: "problem", isThere: hasContact },
    { alarm: "held", name: "Held open", device_class: "problem", isThere: hasContact },
    { alarm: "tamper", name: "Tampering", device_class: "tamper", isThere: hasTamperSwitch },
    { alarm: "lock-fault", name: "Lock fault", device_class: "problem", isThere: true },
  ];
  return alarms.flatMap(({ alarm, name, device_class, isThere }): Row[] => {
    const id = alarm.replace("-", "_");
    const sensor: Component = {
      ...{ platform: "binary_sensor", name, device_class, payload_on: "True", payload_off: "False" },
      state_topic: topics.state,
      value_template: `{{ '${alarm}' in value_json.alarms }}`,
    };
    const button: Component = {
      ...{ platform: "button", name: `Acknowledge: ${name.toLowerCase()}`, icon: "mdi:bell-check" },
      command_topic: topics.requestTopic("alarms/acknowledge"),
      payload_press: JSON.stringify({ alarm }),
      ...{ retain: false, qos: 1 },
    };
    return [
      { id, isThere, component: sensor },
      { id: `acknowledge_${id}`, isThere: isThere && isControllable, component: button },
    ];
  });
}

function eventRows({ topics }: AnnouncedDoor): Row[] {
  const event: Component = {
    ...{
      platform: "event",
      name: "Event",
      icon: "mdi:door",
      event_types: eventTypes,
      state_topic: topics.live,
      qos: 1,
    },
  };
  const last: Component = {
    ...{ platform: "sensor", name: "Last event", icon: "mdi:history", device_class: "enum", options: eventTypes },
    ...{ state_topic: topics.live, value_template: "{{ value_json.type }}", json_attributes_topic: topics.live },
  };
  return [
    { id: "event", isThere: true, component: event },
    { id: "last_event", isThere: true, component: last },
  ];
}

function healthRows({ topics }: AnnouncedDoor): Row[] {
  const of = (component: Component): Component => ({ ...component, ...diagnostic, state_topic: topics.health });
  const measurement = { platform: "sensor", state_class: "measurement" } as const;
  const latency = (which: "p50" | "p95") =>
    of({
      ...{ ...measurement, name: `Latency ${which}`, icon: "mdi:timer-outline", unit_of_measurement: "ms" },
      value_template: `{{ value_json.vision.latencyMs.${which} | default('None') }}`,
    });
  const rows: Record<string, Component> = {
    problem: of({
      ...{ platform: "binary_sensor", name: "Problem", device_class: "problem" },
      ...{ payload_on: "False", payload_off: "True", value_template: "{{ value_json.ok }}" },
    }),
    camera: of({
      ...{ platform: "binary_sensor", name: "Camera", device_class: "connectivity" },
      ...{ payload_on: "ok", payload_off: "lost" },
      value_template: "{{ value_json.vision.camera | replace('unknown', 'None') }}",
    }),
    frame_rate: of({
      ...{ ...measurement, name: "Frame rate", icon: "mdi:camera-timer", unit_of_measurement: "fps" },
      value_template: "{{ value_json.vision.fps }}",
    }),
    latency_p50: latency("p50"),
    latency_p95: latency("p95"),
    waiting_events: of({
      ...{ ...measurement, name: "Events waiting for the broker", icon: "mdi:tray-full" },
      value_template: "{{ value_json.mqtt.waiting }}",
    }),
  };
  return Object.entries(rows).map(([id, component]) => ({ id, isThere: true, component }));
}

function otherRows({ topics, isControllable, hasPicture }: AnnouncedDoor): Row[] {
  const people: Component = {
    ...{ platform: "sensor", name: "People", icon: "mdi:account-group", state_class: "measurement" },
    ...{ state_topic: topics.state, value_template: "{{ value_json.people }}" },
  };
  const picture: Component = {
    ...{ platform: "image", name: "Lobby picture", icon: "mdi:palette" },
    ...{ image_topic: topics.picture, content_type: "image/jpeg" },
  };
  const restart: Component = {
    ...{ platform: "button", name: "Restart", device_class: "restart", ...administration },
    ...{ command_topic: topics.requestTopic("restart"), payload_press: "{}", retain: false, qos: 1 },
  };
  return [
    { id: "people", isThere: true, component: people },
    { id: "picture", isThere: hasPicture, component: picture },
    { id: "restart", isThere: isControllable, component: restart },
  ];
}

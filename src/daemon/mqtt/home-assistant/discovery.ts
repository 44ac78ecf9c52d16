import { type AnnouncedDoor, componentRows } from "./components.ts";

/** What a discovery message is made of. */
export interface Announcement extends AnnouncedDoor {
  readonly doorId: string;
  readonly version: string;
}

/** Where Home Assistant looks for the device. Retained. */
export function discoveryTopic(prefix: string, doorId: string): string {
  return `${prefix}/device/lintel_${doorId}/config`;
}

/** Where Home Assistant says `online` when it has started. */
export function birthTopic(prefix: string): string {
  return `${prefix}/status`;
}

/**
 * The discovery message of the whole device (Home Assistant 2024.12 or newer). A component the door has not is named with
 * its platform alone, which removes it where an earlier configuration had announced it.
 */
export function discoveryPayload(announcement: Announcement): Readonly<Record<string, unknown>> {
  const { doorId, version, topics } = announcement;
  const rows = componentRows(announcement).map(({ id, isThere, component }) => [
    id,
    isThere ? { ...component, unique_id: `lintel_${doorId}_${id}` } : { platform: component.platform },
  ]);
  return {
    device: {
      identifiers: [`lintel_${doorId}`],
      name: doorId,
      manufacturer: "Lintel",
      model: "Door",
      sw_version: version,
    },
    origin: { name: "Lintel", sw_version: version },
    availability: [{ topic: topics.availability, value_template: "{{ value_json.state }}" }],
    components: Object.fromEntries(rows),
  };
}

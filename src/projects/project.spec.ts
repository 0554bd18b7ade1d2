import { describe, expect, it } from '@jest/globals';
import { changesDefinition, type Project, realChanges } from './project.js';

const PROJECT: Project = {
  id: '1',
  organization: 'acme',
  key: 'web',
  name: 'Web',
  team: 'core',
  timeZone: 'UTC',
  definitionVersion: 1,
  createdBy: 'ana',
  createdAt: new Date(0),
  updatedAt: new Date(0),
};

describe('realChanges', () => {
  it('drops what is left out and what is so already', () => {
    const changes = { name: 'Web', team: undefined, timeZone: 'UTC', retentionDays: null };
    expect(realChanges(PROJECT, changes)).toEqual({});
  });

  it('keeps what differs, and null for what is there', () => {
    expect(realChanges(PROJECT, { name: 'Shop', team: null })).toEqual({ name: 'Shop', team: null });
  });
});

describe('changesDefinition', () => {
  it('is so for team, time zone and what quality is judged by', () => {
    expect(changesDefinition({ team: null })).toBe(true);
    expect(changesDefinition({ timeZone: 'Asia/Kolkata' })).toBe(true);
    for (const field of ['qualityWeights', 'qualityBands', 'qualityLimits'])
      expect(changesDefinition({ [field]: null })).toBe(true);
    expect(changesDefinition({ name: 'Shop', retentionDays: 3, description: 'x' })).toBe(false);
    expect(changesDefinition({})).toBe(false);
  });
});

"""The sample campaign of the language's description."""

SAMPLE = """\
title: Report download
about: From a downloaded report to a qualified lead in a week; patience for the rest.
status: live                     # draft (default: nobody enters) | live | paused

enter:
  on: report.downloaded
  each: event.report             # another report later is a run of its own
  again: after 180 days          # the same one: never (default) | always | after DURATION
  stage: nurturing

send:                            # holds for every email of the campaign
  from: owner                    # the responsible person; "company" is the default
  window: mon-fri 08:00-18:00    # in the lead's own time zone
  limit: 2 per week
  gap: 1 day                     # at least this between two

on:                              # reactions: at any step
  reply.interested: { goto: qualified }
  score.hot: { goto: qualified }
  reply.refused:                 # a first no means: not now; a second is a refusal
    - if: count("reply.refused", since=entry.at) >= 2
      then: [ { goto: refused } ]
      else: [ { goto: keep-warm } ]

steps:
  - email: report_link
    service: asked for the report      # needs no marketing consent, waits for no window
    within: 5 minutes
  - email: webinar_invite
    at: day 3 09:30
  - id: webinar
    wait_for: webinar.attended
    until: day 7 09:30
    else: [ { goto: keep-warm } ]
  - email: follow_up
    at: day 7 09:30
  - id: answer
    wait_for: reply.interested
    for: 5 days
    else: [ { goto: keep-warm } ]

paths:
  keep-warm:
    - id: rounds
      after: 1 week
      repeat:
        every: 3 weeks
        times: 8
        steps:
          - id: offer
            email: [next_webinar, article, podcast]   # the next one this person has not had
  qualified:
    - stage: mql
    - task: "Call {{ lead.name }} about {{ entry.report }}"
      due: 5 minutes
  refused:
    - refuse: "{{ event.reason }}"

tests:
  - name: a yes after the webinar
    lead: { email: ada@example.org, name: Ada, country: GB }
    start: tuesday 10:00
    story:
      - day 1 10:00: { report.downloaded: { report: Pumps } }
      - day 5 15:00: webinar.attended
      - day 7 11:00: reply.interested
    expect:                      # every email, in order, no other; and the effects one names
      - day 1 10:00: email report_link
      - day 3 09:30: email webinar_invite
      - day 7 09:30: email follow_up
      - day 7 11:00: stage mql
      - day 7 11:00: task
"""

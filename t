#!/usr/bin/env bash
cd /tmp/w/h3; date
timeout 580 dotnet test Broker.Tests -c Release --no-build --nologo --filter "Category!=Slow&($1)" > /tmp/w/me/out.txt 2>&1
grep -E "^  Failed |Passed!|Failed!|^  But was|^  Expected|Error Message|Assert.That|^   [A-Z]|Total|Passed:|Failed:" /tmp/w/me/out.txt | cut -c1-${2:-500} | head -${3:-120}; date

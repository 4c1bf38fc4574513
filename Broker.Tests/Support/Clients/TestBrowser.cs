using System.Reflection;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Playwright;

namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>Debian's Chromium without a window: one for all tests, which ends with the test process.</summary>
internal static class TestBrowser
{
    private const string Chromium = "/usr/bin/chromium";

    // Without a sandbox, because the tests may run as root. Pages of other origins reach this machine only without the browser's own check of that, and
    // a name that an attacker points at it is made by the resolver's rule: the broker has to refuse them by itself.
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks", "--host-resolver-rules=MAP *.example 127.0.0.1"];

    private static readonly Lazy<Task<IBrowser>> Started = new(StartOnceAsync);

    /// <summary>Starts it when it does not run. The test is ignored where it is not installed, unless that is the build server.</summary>
    public static Task<IBrowser> StartAsync() => Started.Value;

    private static async Task<IBrowser> StartOnceAsync()
    {
        if (!File.Exists(Chromium) && Environment.GetEnvironmentVariable("CI") is not "true")
        {
            Assert.Ignore("Chromium is not installed here: apt-get install chromium.");
        }

        var package = typeof(TestBrowser).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "PlaywrightPackage").Value;
        Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", package);
        Environment.SetEnvironmentVariable("PLAYWRIGHT_NODEJS_PATH", "/usr/bin/node");
        Assertions.SetDefaultExpectTimeout((float)RunningBroker.Patience.TotalMilliseconds);
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });
    }
}

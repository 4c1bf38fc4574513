namespace ClawEvents.Broker.Tests.Docs;

/// <summary>Pages of the documentation that a test makes from the program. With <c>CLAW_UPDATE_DOCS=1</c> it writes them again.</summary>
internal static class WrittenPage
{
    public static bool IsWanted => Environment.GetEnvironmentVariable("CLAW_UPDATE_DOCS") == "1";

    /// <summary>Fails unless the page is the one that was made now; where pages are wanted, writes it instead.</summary>
    /// <param name="path">Of the file, which need not be there yet.</param>
    public static void Check(string path, string generated)
    {
        var written = File.Exists(path) ? File.ReadAllText(path) : "";
        if (generated != written && IsWanted)
        {
            File.WriteAllText(path, generated);
            Assert.Inconclusive("The page has been written again.");
        }

        Assert.That(written, Is.EqualTo(generated), "CLAW_UPDATE_DOCS=1 writes the page again");
    }
}

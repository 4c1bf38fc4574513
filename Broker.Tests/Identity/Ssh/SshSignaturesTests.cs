using System.Buffers.Binary;
using System.Security.Cryptography;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Broker.Tests.Support.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Ssh;

/// <summary>Signatures of the real ssh-keygen, and some made by hand that it would not make.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class SshSignaturesTests
{
    private const string Text = "claw.events login\nusername:alice";

    private static readonly byte[] EdwardsKey = Blob("ssh-ed25519"u8.ToArray(), Ed25519Signer.PublicKey);

    [TestCase("ed25519", 0)]
    [TestCase("ecdsa", 256)]
    [TestCase("ecdsa", 384)]
    [TestCase("ecdsa", 521)]
    [TestCase("rsa", 2048)]
    [TestCase("rsa", 4096)]
    public async Task A_signature_of_ssh_keygen_is_good_for_its_key_text_and_namespace_only(string type, int bits)
    {
        using var pair = await SshKeyPair.CreateAsync(type, bits);
        using var other = await SshKeyPair.CreateAsync(type, bits);
        var signature = await pair.SignAsync(Text);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(SshSignatures.IsGood(KeyOf(pair.PublicKey), Text, signature), Is.True);
            Assert.That(SshSignatures.IsGood(KeyOf(pair.PublicKey), Text, signature.Replace("\n", "\r\n", StringComparison.Ordinal)), Is.True, "with other line ends");
            Assert.That(SshSignatures.IsGood(KeyOf(pair.PublicKey), $"{Text}\n", signature), Is.False, "another text");
            Assert.That(SshSignatures.IsGood(KeyOf(other.PublicKey), Text, signature), Is.False, "another key");
            Assert.That(SshSignatures.IsGood(KeyOf(pair.PublicKey), Text, await pair.SignAsync(Text, "file")), Is.False, "another namespace");
        }
    }

    // Signatures of curves differ each time, and the length of their numbers with them.
    [Test]
    public async Task Many_signatures_of_one_curve_are_all_good()
    {
        using var pair = await SshKeyPair.CreateAsync("ecdsa", 521);
        for (var number = 0; number < 20; number++)
        {
            Assert.That(SshSignatures.IsGood(KeyOf(pair.PublicKey), $"{number}", await pair.SignAsync($"{number}")), Is.True);
        }
    }

    [TestCase("ed25519", 0)]
    [TestCase("ecdsa", 256)]
    [TestCase("rsa", 2048)]
    public async Task A_signature_with_any_byte_changed_or_cut_off_is_bad(string type, int bits)
    {
        using var pair = await SshKeyPair.CreateAsync(type, bits);
        var key = KeyOf(pair.PublicKey);
        var bytes = Unarmored(await pair.SignAsync(Text));
        using (Assert.EnterMultipleScope())
        {
            for (var index = 0; index < bytes.Length; index++)
            {
                var changed = (byte[])bytes.Clone();
                changed[index] ^= 0x41;
                Assert.That(SshSignatures.IsGood(key, Text, Armored(changed)), Is.False, $"byte {index}");
                Assert.That(SshSignatures.IsGood(key, Text, Armored(bytes[..index])), Is.False, $"length {index}");
            }

            Assert.That(SshSignatures.IsGood(key, Text, Armored([.. bytes, 0])), Is.False, "with something after it");
        }
    }

    [TestCase("")]
    [TestCase("signature")]
    [TestCase("-----BEGIN SSH SIGNATURE-----")]
    [TestCase("-----BEGIN SSH SIGNATURE----------END SSH SIGNATURE-----")]
    [TestCase("-----BEGIN SSH SIGNATURE-----\n!\n-----END SSH SIGNATURE-----")]
    [TestCase("-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----")]
    [TestCase("-----END SSH SIGNATURE-----\nU1NIU0lH\n-----BEGIN SSH SIGNATURE-----")]
    public void Text_that_is_not_a_signature_is_bad(string text) => Assert.That(SshSignatures.IsGood(EdwardsPublicKey(), Text, text), Is.False);

    [TestCase("sha256", true)]
    [TestCase("sha512", true)]
    [TestCase("sha1", false)]
    [TestCase("", false)]
    public void The_text_is_hashed_with_SHA_256_or_SHA_512(string hash, bool isGood) =>
        Assert.That(SshSignatures.IsGood(EdwardsPublicKey(), Text, EdwardsSignature(hash: hash)), Is.EqualTo(isGood));

    [TestCase("ssh-ed25519", true)]
    [TestCase("ssh-rsa", false)]
    [TestCase("sk-ssh-ed25519@openssh.com", false)]
    public void The_algorithm_has_to_be_that_of_the_key(string algorithm, bool isGood) =>
        Assert.That(SshSignatures.IsGood(EdwardsPublicKey(), Text, EdwardsSignature(algorithm)), Is.EqualTo(isGood));

    [TestCase("rsa-sha2-256", true)]
    [TestCase("rsa-sha2-512", true)]
    [TestCase("ssh-rsa", false)]
    public void An_RSA_key_signs_with_SHA_256_or_SHA_512_and_not_with_SHA_1(string algorithm, bool isGood)
    {
        using var rsa = RSA.Create(2048);
        var numbers = rsa.ExportParameters(includePrivateParameters: false);
        var key = Blob("ssh-rsa"u8.ToArray(), numbers.Exponent!, [0, .. numbers.Modulus!]);
        var hash = algorithm == "rsa-sha2-512" ? HashAlgorithmName.SHA512 : algorithm == "rsa-sha2-256" ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;
        var signature = Blob(algorithm.Utf8(), rsa.SignData(Signed("sha512"), hash, RSASignaturePadding.Pkcs1));

        Assert.That(SshSignatures.IsGood(KeyOf($"ssh-rsa {Convert.ToBase64String(key)}"), Text, Armored(key, "sha512", signature)), Is.EqualTo(isGood));
    }

    [TestCase(1, 1, true)]
    [TestCase(5, 5, true)]
    [TestCase(1, 5, false)]
    [TestCase(0, 0, false)]
    public void A_security_key_of_Ed25519_signs_with_its_flags_when_somebody_has_touched_it(byte signedFlags, byte flags, bool isGood)
    {
        var key = Blob("sk-ssh-ed25519@openssh.com"u8.ToArray(), Ed25519Signer.PublicKey, "ssh:"u8.ToArray());
        byte[] signature = [.. Blob("sk-ssh-ed25519@openssh.com"u8.ToArray(), Ed25519Signer.Sign(Wrapped(signedFlags))), flags, 0, 0, 0, 7];

        Assert.That(SshSignatures.IsGood(KeyOf($"sk-ssh-ed25519@openssh.com {Convert.ToBase64String(key)}"), Text, Armored(key, "sha512", signature)), Is.EqualTo(isGood));
    }

    [TestCase(1, true)]
    [TestCase(4, false)]
    public void A_security_key_of_a_curve_signs_with_its_flags_when_somebody_has_touched_it(byte flags, bool isGood)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        var key = Blob("sk-ecdsa-sha2-nistp256@openssh.com"u8.ToArray(), "nistp256"u8.ToArray(), [4, .. point.X!, .. point.Y!], "ssh:"u8.ToArray());
        var halves = ecdsa.SignData(Wrapped(flags), HashAlgorithmName.SHA256);
        byte[] signature = [.. Blob("sk-ecdsa-sha2-nistp256@openssh.com"u8.ToArray(), Blob(Number(halves[..32]), Number(halves[32..]))), flags, 0, 0, 0, 7];

        Assert.That(SshSignatures.IsGood(KeyOf($"sk-ecdsa-sha2-nistp256@openssh.com {Convert.ToBase64String(key)}"), Text, Armored(key, "sha512", signature)), Is.EqualTo(isGood));
    }

    [Test]
    public void A_key_that_is_not_on_its_curve_signs_nothing()
    {
        var key = Blob("ecdsa-sha2-nistp256"u8.ToArray(), "nistp256"u8.ToArray(), [4, .. new byte[64]]);
        var signature = Blob("ecdsa-sha2-nistp256"u8.ToArray(), Blob([1], [1]));

        Assert.That(SshSignatures.IsGood(KeyOf($"ecdsa-sha2-nistp256 {Convert.ToBase64String(key)}"), Text, Armored(key, "sha512", signature)), Is.False);
    }

    private static SshPublicKey KeyOf(string line) => SshPublicKey.TryParse(line, out var key) ? key : throw new FormatException(line);

    private static SshPublicKey EdwardsPublicKey() => KeyOf($"ssh-ed25519 {Convert.ToBase64String(EdwardsKey)}");

    private static string EdwardsSignature(string algorithm = "ssh-ed25519", string hash = "sha512") =>
        Armored(EdwardsKey, hash, Blob(algorithm.Utf8(), Ed25519Signer.Sign(Signed(hash))));

    private static byte[] Signed(string hash)
    {
        var hashed = hash switch { "sha256" => SHA256.HashData(Text.Utf8()), "sha512" => SHA512.HashData(Text.Utf8()), _ => SHA512.HashData(Text.Utf8())[..20] };
        return [.. "SSHSIG"u8, .. Blob("claw.events"u8.ToArray(), [], hash.Utf8(), hashed)];
    }

    // The bytes that a security key signs.
    private static byte[] Wrapped(byte flags) => [.. SHA256.HashData("ssh:"u8), flags, 0, 0, 0, 7, .. SHA256.HashData(Signed("sha512"))];

    private static byte[] Number(byte[] digits)
    {
        var trimmed = digits.AsSpan().TrimStart((byte)0).ToArray();
        return trimmed[0] > 127 ? [0, .. trimmed] : trimmed;
    }

    private static string Armored(byte[] key, string hash, byte[] signature) =>
        Armored([.. "SSHSIG"u8, 0, 0, 0, 1, .. Blob(key, "claw.events"u8.ToArray(), [], hash.Utf8(), signature)]);

    private static string Armored(byte[] bytes) =>
        $"-----BEGIN SSH SIGNATURE-----\n{Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)}\n-----END SSH SIGNATURE-----\n";

    private static byte[] Unarmored(string armored) => Convert.FromBase64String(string.Concat(armored.Trim().Split('\n')[1..^1]));

    private static byte[] Blob(params byte[][] parts) => [.. parts.SelectMany(part => (byte[])[.. Length(part), .. part])];

    private static byte[] Length(byte[] part)
    {
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)part.Length);
        return length;
    }
}

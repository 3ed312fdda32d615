namespace Grid.Ogc;

/// <summary>What a service says of itself in its capabilities. Empty texts and lists leave their elements out.</summary>
public sealed record ServiceDescription
{
    public required string Title { get; init; }

    public string Abstract { get; init; } = "";

    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>What a use costs; OWS 1.1 reserves <c>NONE</c> for nothing.</summary>
    public string Fees { get; init; } = "NONE";

    public string AccessConstraints { get; init; } = "NONE";

    public required string ProviderName { get; init; }

    /// <summary>Address of the provider's site, or empty.</summary>
    public string ProviderSite { get; init; } = "";

    public ServiceContact Contact { get; init; } = new();
}

/// <summary>Whom to ask about a service; any part may be empty.</summary>
public sealed record ServiceContact
{
    public string Person { get; init; } = "";

    public string Position { get; init; } = "";

    public string Phone { get; init; } = "";

    public string Email { get; init; } = "";

    public string Street { get; init; } = "";

    public string City { get; init; } = "";

    public string PostalCode { get; init; } = "";

    public string Country { get; init; } = "";
}

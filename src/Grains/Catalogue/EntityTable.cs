namespace Grid.Grains.Catalogue;

/// <summary>A table of the schema <c>catalogue</c> whose rows are entities.</summary>
/// <param name="Name">The table's qualified name; never built from input.</param>
/// <param name="Kind">The entity's name in sentences.</param>
/// <param name="HasLastEvent">Whether the table has a column <c>last_event</c>, which an event moves on.</param>
public sealed record EntityTable(string Name, string Kind, bool HasLastEvent = false)
{
    public static readonly EntityTable Community = new("catalogue.community", "community");
    public static readonly EntityTable Upload = new("catalogue.upload", "upload", HasLastEvent: true);
    public static readonly EntityTable CheckExecution = new("catalogue.check_execution", "check execution");
    public static readonly EntityTable ProcessingExecution = new("catalogue.processing_execution", "processing execution");
    public static readonly EntityTable StoredData = new("catalogue.stored_data", "stored data", HasLastEvent: true);
    public static readonly EntityTable Configuration = new("catalogue.configuration", "configuration", HasLastEvent: true);
    public static readonly EntityTable Offering = new("catalogue.offering", "offering");
    public static readonly EntityTable Static = new("catalogue.static", "static");
}

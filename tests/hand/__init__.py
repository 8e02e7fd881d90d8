"""What can people, time, the user's hand, crashes and faults do, and does Kith keep its word through all of it?"""
